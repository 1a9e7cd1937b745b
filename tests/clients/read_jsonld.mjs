// Reads files of JSON-LD with jsonld-streaming-parser, the parser of Comunica, rdf-dereference and LDflex. Takes the
// paths as lines of standard input; writes for each a line of JSON: its statements, or the error that ended the reading.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { JsonLdParser } from "jsonld-streaming-parser";

// A copy of the file elsewhere: what the file says does not depend on where it was read.
const ELSEWHERE = "http://127.0.0.1/elsewhere/copy.jsonld";

function told(term) {
  return [term.termType, term.value, term.datatype?.value ?? "", term.language ?? ""];
}

function read(path) {
  return new Promise((resolve) => {
    const statements = [];
    const failed = (error) => resolve({ path, error: error.message });
    const parser = new JsonLdParser({ baseIRI: ELSEWHERE });
    parser.on("data", ({ subject, predicate, object }) => statements.push([subject, predicate, object].map(told)));
    parser.on("error", failed);
    parser.on("end", () => resolve({ path, statements }));
    createReadStream(path).on("error", failed).pipe(parser);
  });
}

for await (const path of createInterface({ input: process.stdin })) console.log(JSON.stringify(await read(path)));
