// The editor. It lives in a shadow root, where its styles are adopted sheets, which a strict content policy allows.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";
import { _ } from "./words.js";
import { completion } from "./completion.js";
import type { Offers } from "./offers.js";
import type { Problem } from "./query.js";

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--against)", fontWeight: "600" },
  { tag: [tags.variableName, tags.atom], color: "var(--beside)" },
  { tag: [tags.string, tags.number, tags.bool], color: "var(--text)" },
  { tag: [tags.url, tags.namespace, tags.propertyName, tags.labelName], color: "var(--link)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
]);

const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--card)", border: "1px solid var(--field)", borderRadius: "8px" },
  "&.cm-focused": { outline: "3px solid var(--against)", outlineOffset: "2px" },
  ".cm-scroller": { font: "0.9rem/1.5 var(--mono)", maxHeight: "32rem", minHeight: "14rem" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { color: "var(--soft)", backgroundColor: "var(--tint)", border: "none", borderRadius: "8px 0 0 8px" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { background: "var(--marked) !important" },
  ".cm-tooltip": { color: "var(--ink)", backgroundColor: "var(--card)", border: "1px solid var(--field)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { color: "var(--ink)", background: "var(--marked)" },
  ".cm-lintRange-error": { backgroundImage: "none", borderBottom: "2px solid var(--against)" },
  ".cm-completionDetail": { color: "var(--soft)", fontStyle: "normal" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--marked)" },
});

/** The editor of a query. */
export class Editor {
  private readonly view: EditorView;

  constructor(host: HTMLElement, offers: Offers, run: () => void) {
    const root = host.attachShadow({ mode: "open" });
    const running = keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }]);
    this.view = new EditorView({ parent: root as unknown as Element, root, state: stateOf(offers, running) });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  set text(text: string) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  /** Underlines what is wrong and puts the cursor there; nothing takes the line away again. */
  mark(problem: Problem | null): void {
    const end = this.view.state.doc.length;
    const from = Math.min(problem?.at ?? 0, end);
    const to = Math.min(from + 1, end);
    const found = problem ? [{ from, to, severity: "error" as const, message: problem.words }] : [];
    this.view.dispatch(setDiagnostics(this.view.state, found));
    if (problem) {
      this.view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
      this.view.focus();
    }
  }
}

function stateOf(offers: Offers, running: ReturnType<typeof keymap.of>): EditorState {
  return EditorState.create({
    extensions: [
      running,
      lineNumbers(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      autocompletion({ override: [completion(offers)], icons: false }),
      keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": _("The query"), tabindex: "0" }),
      sparql(),
      syntaxHighlighting(colours),
      theme,
    ],
  });
}
