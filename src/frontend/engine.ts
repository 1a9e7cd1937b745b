// The worker, seen from the page: loads the data once, answers one query at a time, and can be stopped.

import { _, decimal } from "./words.js";
import type { Form, FromWorker, ToWorker } from "./worker-protocol.js";

export class Stopped extends Error {}

export class Engine {
  private worker: Worker | null = null;
  private loaded: Promise<void> | null = null;
  private giveUp: ((reason: Error) => void) | null = null;

  constructor(private readonly tell: (words: string) => void) {}

  /** The answer as text: results in JSON, or Turtle. */
  async ask(query: string, form: Form): Promise<string> {
    this.loaded ??= this.load();
    await this.loaded;
    this.tell(_("The query is running."));
    const answer = await this.talk({ kind: "ask", query, form }, "answer");
    this.tell(_("Answered in {time}.", { time: seconds(answer.milliseconds) }));
    return answer.text;
  }

  /** Ends the worker and what it does; the next query starts a new one. */
  stop(reason: Error = new Stopped(_("The query was stopped."))): void {
    this.worker?.terminate();
    this.worker = null;
    this.loaded = null;
    this.giveUp?.(reason);
  }

  private async load(): Promise<void> {
    this.tell(_("Loading the data."));
    const [packed, plain] = ["dataset.nq.gz", "dataset.trig"].map((path) => new URL(path, document.baseURI).href);
    const loaded = await this.talk({ kind: "load", packed: packed!, plain: plain! }, "loaded");
    this.tell(_("{n} statements loaded in {time}.", { n: loaded.statements, time: seconds(loaded.milliseconds) }));
  }

  private talk<K extends FromWorker["kind"]>(message: ToWorker, wanted: K): Promise<FromWorker & { kind: K }> {
    const worker = (this.worker ??= new Worker("assets/sparql-worker.js"));
    return new Promise((resolve, reject) => {
      this.giveUp = reject;
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.kind === wanted) resolve(data as FromWorker & { kind: K });
        else if (data.kind === "loading") this.tell(_("Loading the data: {size}.", { size: size(data.bytes) }));
        else if (data.kind === "failed") this.fail(message, new Error(data.message), reject);
      };
      worker.onerror = () => this.stop(new Error(_("The browser gave up: the query or the data need more memory than it has.")));
      worker.postMessage(message);
    });
  }

  private fail(message: ToWorker, error: Error, reject: (reason: Error) => void): void {
    const isBroken = message.kind === "load" || /unreachable|memory|recursion|RangeError/i.test(error.message);
    if (isBroken) this.stop(error);
    else reject(error);
  }
}

function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.ceil(milliseconds)} ms` : `${decimal(milliseconds / 1000, 1)} s`;
}

/** A number of bytes in words. */
export function size(bytes: number): string {
  return bytes < 1e6 ? _("{n} kB", { n: Math.ceil(bytes / 1e3) }) : _("{n} MB", { n: decimal(bytes / 1e6, 1) });
}
