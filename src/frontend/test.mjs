// Bundles the tests of tests/frontend/ as the pages are bundled, and runs them with Node's own runner; no browser needed.

import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TESTS = "../../tests/frontend";

const names = (await readdir(TESTS)).filter((name) => name.endsWith(".test.ts"));
if (!names.length) throw new Error(`no test is in ${TESTS}`);
const target = await mkdtemp(join(tmpdir(), "rejoinder-frontend-"));
try {
  const entryPoints = names.map((name) => join(TESTS, name));
  await build({ entryPoints, outdir: target, bundle: true, platform: "node", format: "cjs", outExtension: { ".js": ".cjs" }, nodePaths: ["node_modules"] });
  const files = names.map((name) => join(target, name.replace(/\.ts$/, ".cjs")));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  await rm(target, { recursive: true });
}
