// Bundles what runs in the browser into the folder given, with the licences of all that is in the bundles.

import { build } from "esbuild";
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const target = process.argv[2];
const ENTRIES = ["compare", "copy", "list-page", "search", "question", "sparql", "sparql-worker", "fragments"];

const { metafile } = await build({
  entryPoints: ENTRIES.map((name) => `${name}.ts`),
  outdir: target,
  bundle: true,
  minify: true,
  format: "iife", // a page opened from a folder on disk may load classic scripts only
  target: "es2022",
  charset: "utf8",
  legalComments: "none", // LICENSES.txt has them whole
  define: { "import.meta.url": "self.location.href" }, // only oxigraph's default address of its own file
  metafile: true,
});
await mkdir(target, { recursive: true });
await copyFile("node_modules/oxigraph/web_bg.wasm", join(target, "oxigraph.wasm"));
await writeFile(join(target, "LICENSES.txt"), await licences(packages(metafile)));

/** The names of the packages that any bundle holds a file of. */
function packages(metafile) {
  const found = Object.keys(metafile.inputs).map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(found.filter(Boolean))].sort();
}

/** Each package with its version, its licence and the licence's text. */
async function licences(names) {
  const parts = await Promise.all(names.map(licence));
  return ["These packages from npm are part of the scripts in this folder.\n", ...parts].join("\n" + "-".repeat(72) + "\n\n");
}

async function licence(name) {
  const folder = join("node_modules", name);
  const { version, license, repository } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const paths = files.length ? files.map((file) => join(folder, file)) : [ours(name, license)];
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  const source = typeof repository === "string" ? repository : repository?.url ?? "";
  return [`${name} ${version}`, `Licence: ${license}`, `Source: ${source}`, "", ...texts].join("\n") + "\n";
}

/** The text of the licence that a package without one gives by name: ours, where it is the same. */
function ours(name, license) {
  if (license?.includes("Apache-2.0")) return "../../LICENSE";
  throw new Error(`${name} brings no text of its licence (${license}); its text must travel with the bundle`);
}
