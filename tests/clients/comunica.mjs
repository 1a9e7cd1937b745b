// Asks Comunica. Takes lines: a file for the answer, a query, and the sources. Writes the answer as N-Quads, as CSV or as
// a boolean, and says "done" or what failed.
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { QueryEngine } from "@comunica/query-sparql";

const engine = new QueryEngine();

async function asked(query, sources, baseIRI) {
  const result = await engine.query(query, { sources, baseIRI });
  if (result.resultType === "boolean") return String(await result.execute());
  const form = result.resultType === "bindings" ? "text/csv" : "application/n-quads";
  const { data } = await engine.resultToString(result, form);
  return (await data.toArray()).join("");
}

for await (const line of createInterface({ input: process.stdin })) {
  const [file, query, ...sources] = line.split("\t");
  try {
    writeFileSync(file, await asked(query, sources, sources[0]));
    console.log("done");
  } catch (error) {
    console.log(`failed: ${String(error).replaceAll("\n", " ")}`);
  }
  // What was read from an address is kept, and would not be asked for again.
  await engine.invalidateHttpCache();
}
