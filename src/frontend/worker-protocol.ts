// What the page and its worker say to each other.

export type ToWorker = { kind: "load"; packed: string; plain: string } | { kind: "ask"; query: string; form: Form };

export type FromWorker =
  | { kind: "loading"; bytes: number }
  | { kind: "loaded"; statements: number; milliseconds: number }
  | { kind: "answer"; text: string; milliseconds: number }
  | { kind: "failed"; message: string };

/** The four forms of a query: SELECT and ASK give a table, the others a graph. */
export type Form = "SELECT" | "ASK" | "CONSTRUCT" | "DESCRIBE";
