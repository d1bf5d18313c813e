// <combo-box [src]>: turns a select into a field that finds while one types, in its own options or at `src`.
import { say } from "./page";
import { get } from "./wire";

let number = 0;

export class ComboBox extends HTMLElement {
  protected select!: HTMLSelectElement;
  protected input = document.createElement("input");
  private list = document.createElement("div");
  private timer = 0;
  private abort?: AbortController;

  connectedCallback(): void {
    const select = this.querySelector("select");
    if (!select || this.contains(this.input)) return;
    this.select = select;
    for (const { name, value } of [...select.attributes]) if (!/^(name|required|multiple)$/.test(name)) this.input.setAttribute(name, value);
    this.list.id = `options-${++number}`;
    Object.assign(this.list, { role: "listbox", className: "options", hidden: true });
    this.list.setAttribute("aria-label", select.labels?.[0]?.textContent ?? "");
    const roles = { role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list", autocomplete: "off" };
    for (const [name, value] of Object.entries(roles)) this.input.setAttribute(name, value);
    if (select.required) this.input.setAttribute("aria-required", "true");
    select.removeAttribute("id");
    select.required = false;
    select.hidden = true;
    this.input.value = this.chosen;
    this.append(this.input, this.list);
    if (this.input.autofocus && !this.closest("dialog:not([open])")) this.input.focus();
    this.input.addEventListener("input", () => this.seek(this.input.value));
    this.input.addEventListener("click", () => this.list.hidden && this.seek(""));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.leave());
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // keeps the focus in the field
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.choose(option);
    });
  }

  protected get chosen(): string {
    return this.select.value ? this.select.selectedOptions[0]!.text : "";
  }

  private get active(): HTMLElement | null {
    return this.list.querySelector("[aria-selected=true]");
  }

  private seek(text: string): void {
    clearTimeout(this.timer);
    this.abort?.abort();
    const src = this.getAttribute("src");
    if (!src) return this.show(this.local(text));
    this.timer = window.setTimeout(async () => {
      this.abort = new AbortController();
      const found = await get(`${src}${src.includes('?') ? '&' : '?'}q=${encodeURIComponent(text)}`, this.abort.signal).catch(() => null);
      if (found !== null && document.activeElement === this.input) this.show(found);
    }, text ? 120 : 0);
  }

  protected local(text: string): HTMLElement[] {
    const part = text.toLocaleLowerCase();
    return [...this.select.options].filter((each) => each.value && each.text.toLocaleLowerCase().includes(part)).map((each, index) => this.option(each.value, each.text, index));
  }

  protected option(value: string, text: string, index: number): HTMLElement {
    const option = Object.assign(document.createElement("div"), { className: "option", role: "option", id: `${this.list.id}-${index}`, textContent: text });
    Object.assign(option.dataset, { value, title: text });
    option.setAttribute("aria-selected", "false");
    return option;
  }

  private show(content: string | Element[]): void {
    if (typeof content === "string") this.list.innerHTML = content;
    else this.list.replaceChildren(...content);
    if (!this.list.childElementCount) this.list.innerHTML = `<p class="none">${say("none")}</p>`;
    this.list.role = this.list.querySelector("[role=option]") ? "listbox" : null;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(this.input.value === this.chosen ? null : this.list.querySelector<HTMLElement>("[role=option]"));
  }

  private mark(option: HTMLElement | null): void {
    this.active?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option?.id ?? "");
  }

  protected shut(): void {
    this.abort?.abort();
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  protected key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) return this.seek("");
      const options = [...this.list.querySelectorAll<HTMLElement>("[role=option]")];
      const at = this.active ? options.indexOf(this.active) + step : step > 0 ? 0 : -1;
      return this.mark(options.at(at % options.length) ?? null);
    }
    if (this.list.hidden) return;
    if (event.key === "Enter" && this.active) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.input.value = this.chosen;
      this.shut();
    }
  }

  protected choose({ dataset: { value = "", title = "" } }: { dataset: DOMStringMap }): void {
    if (![...this.select.options].some((each) => each.value === value)) this.select.add(new Option(title, value));
    this.select.value = value;
    this.input.value = title;
    this.select.dispatchEvent(new Event("input", { bubbles: true }));
    this.shut();
  }

  /** Only what was chosen counts; an emptied field clears it. */
  protected leave(): void {
    if (this.active && !this.list.hidden && this.input.value) this.choose(this.active);
    else if (!this.input.value.trim() && this.select.value) this.choose({ dataset: {} } as HTMLElement);
    this.input.value = this.chosen;
    this.shut();
  }
}
customElements.define("combo-box", ComboBox);
