// <toast-region>: says what was done and offers to undo it. Listens for "toast"; `z` undoes the latest.
import { on } from "./keys";
import { announce, say } from "./page";
import { post, type Toast } from "./wire";

const undoable: string[] = [];

async function undo(url: string): Promise<void> {
  if (undoable.includes(url)) undoable.splice(undoable.indexOf(url), 1);
  document.querySelectorAll(`[data-undo="${CSS.escape(url)}"]`).forEach((each) => each.remove());
  await post(url);
}

class ToastRegion extends HTMLElement {
  connectedCallback(): void {
    this.popover = "manual"; // in the top layer, so above an open dialog
    document.addEventListener("toast", (event) => this.show((event as CustomEvent<Toast>).detail));
  }

  private show({ text, word, undo: url, url: link, tone, bad = tone === "bad" }: Toast): void {
    const words = text ?? say(word ?? "failed");
    const box = document.createElement("div");
    box.className = bad ? "toast bad" : "toast";
    const line = document.createElement("p");
    line.textContent = words;
    box.append(line);
    if (link) box.append(Object.assign(document.createElement("a"), { href: link, textContent: say("open") }));
    if (url) {
      undoable.push((box.dataset.undo = url));
      const button = Object.assign(document.createElement("button"), { type: "button", innerHTML: "<span></span> <kbd>z</kbd>" });
      button.firstElementChild!.textContent = say("undo");
      button.addEventListener("click", () => void undo(url));
      box.append(button);
    }
    while (this.children.length > 1) this.firstElementChild!.remove();
    this.append(box);
    this.hidePopover();
    this.showPopover();
    announce(url ? `${words}. ${say("undo")}: Z` : words);
    this.expire(box, url || bad ? 10_000 : 5_000);
  }

  /** Goes by itself, but not while it is pointed at or holds the focus. */
  private expire(box: HTMLElement, after: number): void {
    setTimeout(() => {
      if (box.matches(":hover, :focus-within")) this.expire(box, 2_000);
      else box.remove();
      if (!this.childElementCount) this.hidePopover();
    }, after);
  }
}
customElements.define("toast-region", ToastRegion);

on("undo", () => {
  const url = undoable.at(-1);
  return url ? void undo(url) : false;
});
