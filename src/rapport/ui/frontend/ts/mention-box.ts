// <mention-box src>: behind an @ in its textarea a list of names; the chosen one is written, and said beside it (name=mention).
import { get } from "./wire";

let number = 0;
const sought = /(?:^|\s)@([^\s@][^@\n]{0,30})?$/;

class MentionBox extends HTMLElement {
  private list = document.createElement("div");
  private abort?: AbortController;

  connectedCallback(): void {
    const text = this.text;
    if (!text || this.contains(this.list)) return;
    this.list.id = `mentions-${++number}`;
    Object.assign(this.list, { role: "listbox", className: "options", hidden: true });
    this.list.setAttribute("aria-label", text.getAttribute("aria-label") ?? "");
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-controls", this.list.id);
    this.append(this.list);
    text.addEventListener("input", () => void this.seek());
    text.addEventListener("keydown", (event) => this.key(event));
    text.addEventListener("blur", () => this.shut());
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.choose(option);
    });
  }

  private get text(): HTMLTextAreaElement | null {
    return this.querySelector("textarea");
  }

  /** What stands between the last @ and the caret; null where no name is being written. */
  private get written(): string | null {
    const found = sought.exec(this.text!.value.slice(0, this.text!.selectionStart));
    return found ? found[1] ?? "" : null;
  }

  private async seek(): Promise<void> {
    this.abort?.abort();
    const part = this.written;
    if (part === null) return this.shut();
    this.abort = new AbortController();
    const found = await get(`${this.getAttribute("src")}?q=${encodeURIComponent(part)}`, this.abort.signal).catch(() => "");
    if (!found || document.activeElement !== this.text) return;
    this.list.innerHTML = found;
    const first = this.list.querySelector<HTMLElement>("[role=option]");
    if (!first) return this.shut();
    this.list.hidden = false;
    this.mark(first);
  }

  private mark(option: HTMLElement): void {
    for (const each of this.list.querySelectorAll("[role=option]")) each.setAttribute("aria-selected", String(each === option));
    option.scrollIntoView({ block: "nearest" });
    this.text!.setAttribute("aria-activedescendant", option.id);
  }

  private shut(): void {
    this.abort?.abort();
    this.list.hidden = true;
    this.list.replaceChildren();
    this.text?.removeAttribute("aria-activedescendant");
  }

  private key(event: KeyboardEvent): void {
    if (this.list.hidden) return;
    const options = [...this.list.querySelectorAll<HTMLElement>("[role=option]")];
    const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark(options.at((at + step) % options.length)!);
    else if ((event.key === "Enter" && !event.ctrlKey) || event.key === "Tab") this.choose(options[at]!);
    else if (event.key === "Escape") this.shut();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private choose({ dataset: { value = "", title = "" } }: HTMLElement): void {
    const text = this.text!;
    const caret = text.selectionStart;
    const start = caret - (this.written ?? "").length;
    text.setRangeText(`${title} `, start, caret, "end");
    this.append(Object.assign(document.createElement("input"), { type: "hidden", name: "mention", value }));
    text.dispatchEvent(new Event("input", { bubbles: true }));
    this.shut();
  }
}
customElements.define("mention-box", MentionBox);
