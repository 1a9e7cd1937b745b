// Buttons that copy the text of an element. Without this script they stay hidden, and the text can be selected.

import { element } from "./dom";

const status = element("p", { role: "status", class: "hidden" });
document.body.append(status);

// The address in the page is the one that its publisher names. The one where it is read works, and a preview has no other.
const link = document.getElementById("link");
const address = location.protocol.startsWith("http") ? location.origin + location.pathname : "";
if (link && address && link.dataset["page"] !== undefined) link.textContent = address;

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy ?? "");
  if (!source) continue;
  button.hidden = false;
  button.addEventListener("click", () => void copy(source, button));
}

async function copy(source: HTMLElement, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText((source === link && address) || (source.textContent?.trim() ?? ""));
  } catch {
    // Without https, browsers give pages no clipboard: then the text is selected, and the reader copies it.
    source.scrollIntoView({ block: "center" });
    getSelection()?.selectAllChildren(source);
    return;
  }
  const done = button.dataset.done ?? "";
  status.textContent = done;
  if (button.textContent !== done) {
    const words = button.textContent;
    button.textContent = done;
    setTimeout(() => (button.textContent = words), 2000);
  }
}
