// Reads annotations as JSON-LD with jsonld.js and writes their statements as N-Quads. Takes the paths of the annotations
// and of what stands for the context of the W3C, which no package has. A word that the context does not know is an error.
import { readFileSync } from "node:fs";
import jsonld from "jsonld";

const [annotations, context] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf-8")));

async function documentLoader(url) {
  if (url !== "http://www.w3.org/ns/anno.jsonld") throw new Error(`not the context of the W3C: ${url}`);
  return { contextUrl: null, documentUrl: url, document: context };
}

console.log(await jsonld.toRDF(annotations, { documentLoader, safe: true, format: "application/n-quads" }));
