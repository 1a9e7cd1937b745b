// The store, in a thread of its own: the page stays quick, and a query is stopped by ending the thread.

import init, { Store } from "oxigraph/web.js";
import type { FromWorker, ToWorker } from "./worker-protocol.js";

const PART = 1 << 20;
const GZIP = [0x1f, 0x8b];
const UNION = "INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }";

const say = (message: FromWorker): void => self.postMessage(message);
let store: Store;

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  try {
    await (data.kind === "load" ? load(data.packed, data.plain) : answer(data));
  } catch (error) {
    say({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
};

/** Loads the dump; every statement stands in its graph and, once, in the default graph, as in Rejoinder's own store. */
async function load(packed: string, plain: string): Promise<void> {
  const begun = performance.now();
  await init({ module_or_path: new URL("oxigraph.wasm", self.location.href) });
  store = new Store();
  if (typeof DecompressionStream === "function") await loadLines(await opened(packed));
  else store.load(await (await fetched(plain)).text(), { format: "application/trig", no_transaction: true });
  const statements = store.size;
  store.update(UNION);
  say({ kind: "loaded", statements, milliseconds: performance.now() - begun });
}

/** Loads N-Quads part by part, so that the text need not be in memory as a whole. */
async function loadLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  let rest = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    rest += part.value;
    if (rest.length < PART) continue;
    const end = rest.lastIndexOf("\n") + 1;
    loadPart(rest.slice(0, end));
    rest = rest.slice(end);
  }
  loadPart(rest);
}

function loadPart(lines: string): void {
  store.load(lines, { format: "application/n-quads", no_transaction: true });
}

/** The file as it is without its packing; some hosts have unpacked it already. */
async function opened(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const body = (await fetched(url)).body!;
  let bytes = 0;
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        bytes += chunk.length;
        say({ kind: "loading", bytes });
        controller.enqueue(chunk);
      },
    }),
  );
  const [seen, whole] = counted.tee();
  const reader = seen.getReader();
  const { value } = await reader.read();
  void reader.cancel();
  const isPacked = GZIP.every((byte, at) => value?.[at] === byte);
  return isPacked ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
}

async function fetched(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The data could not be fetched: ${response.status} for ${url}`);
  return response;
}

function answer({ query, form }: ToWorker & { kind: "ask" }): void {
  const begun = performance.now();
  const isTable = form === "SELECT" || form === "ASK";
  const text = store.query(query, { results_format: isTable ? "json" : "text/turtle" }) as string;
  say({ kind: "answer", text, milliseconds: performance.now() - begun });
}
