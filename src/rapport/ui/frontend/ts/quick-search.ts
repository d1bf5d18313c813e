// <quick-search>: finds while one types; opens at once, empty it shows what was seen last.
import { on } from "./keys";
import { announce, plain, say } from "./page";
import { get } from "./wire";

type Seen = { title: string; url: string; icon: string };
const store = "rapport:recent";

function recent(): Seen[] {
  try {
    return JSON.parse(localStorage.getItem(store) ?? "[]");
  } catch {
    return [];
  }
}

const now = document.body.dataset.recent;
if (now) {
  const seen: Seen = JSON.parse(now);
  try {
    localStorage.setItem(store, JSON.stringify([seen, ...recent().filter((each) => each.url !== seen.url)].slice(0, 8)));
  } catch {
    // private windows may refuse; then nothing is remembered
  }
}

class QuickSearch extends HTMLElement {
  private input!: HTMLInputElement;
  private results!: HTMLElement;
  private timer = 0;
  private abort?: AbortController;

  connectedCallback(): void {
    this.input = this.querySelector("input")!;
    this.results = this.querySelector(".results")!;
    this.results.id ||= this.hasAttribute("data-page") ? "found" : "results";
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-controls": this.results.id, "aria-autocomplete": "list" })) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.seek());
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("submit", (event) => event.preventDefault());
    this.results.addEventListener("click", () => this.closest("dialog")?.close());
    if (this.hasAttribute("data-page")) this.settle();
  }

  open(): void {
    this.input.value = "";
    this.showRecent();
  }

  private seek(): void {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (!text) {
      this.abort?.abort();
      return this.showRecent();
    }
    this.timer = window.setTimeout(async () => {
      this.abort?.abort(); // an answer to what was typed before is of no use
      this.abort = new AbortController();
      const found = await get(`/search?q=${encodeURIComponent(text)}`, this.abort.signal).catch(() => null);
      if (found === null) return;
      this.results.innerHTML = found;
      for (const [kind, words] of [["organisation", this.dataset.createOrganisation], ["person", this.dataset.createPerson]] as const) {
        if (words) this.add(words.replace("{}", text), `/parties/new?kind=${kind}&name=${encodeURIComponent(text)}`, "plus", true);
      }
      this.settle();
    }, 120);
  }

  private showRecent(): void {
    this.results.replaceChildren();
    const seen = recent();
    if (seen.length) this.results.append(Object.assign(document.createElement("p"), { className: "label", textContent: say("recent"), ariaHidden: "true" }));
    for (const { title, url, icon } of seen) this.add(title, url, icon);
    this.settle();
  }

  private add(title: string, url: string, icon: string, dialog = false): void {
    const link = Object.assign(document.createElement("a"), { className: "option", href: url, role: "option", id: `q-${this.results.querySelectorAll("a").length}` });
    const sprite = document.querySelector("use")!.getAttribute("href")!.split("#")[0];
    link.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${sprite}#${icon}"/></svg><span class="clip"></span>`;
    link.lastElementChild!.textContent = title;
    if (dialog) link.dataset.dialog = "";
    this.results.append(link);
  }

  private get options(): HTMLAnchorElement[] {
    return [...this.results.querySelectorAll<HTMLAnchorElement>("[role=option]")];
  }

  private settle(): void {
    const options = this.options;
    this.results.role = options.length ? "listbox" : null;
    this.results.ariaLabel = options.length ? this.input.ariaLabel : null;
    options.forEach((each) => (each.ariaSelected = "false"));
    this.mark(this.input.value ? options[0] : undefined);
    if (this.input.value) announce(say("results", { count: String(options.length) }));
  }

  private mark(option?: HTMLElement): void {
    this.results.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  private key(event: KeyboardEvent): void {
    const options = this.options;
    const at = options.findIndex((each) => each.ariaSelected === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) {
      event.preventDefault();
      this.mark(options[(at + step + options.length) % options.length]);
    } else if (event.key === "Enter" && event.target === this.input) {
      event.preventDefault();
      const link = options[at];
      if (link && (event.ctrlKey || event.metaKey)) window.open(link.href);
      else if (link) link.click();
      else if (this.input.value.trim()) location.assign(`/search?q=${encodeURIComponent(this.input.value.trim())}`);
    }
  }
}
customElements.define("quick-search", QuickSearch);

const dialog = document.getElementById("search") as HTMLDialogElement | null;

function open(): void {
  if (!dialog || dialog.open) return;
  dialog.querySelector<QuickSearch>("quick-search")!.open();
  dialog.showModal();
  dialog.querySelector("input")!.focus();
}
on("search", open);
on("find", open); // where no list is
document.addEventListener("click", (event) => {
  if (!dialog) return;
  if ((event.target as Element).closest?.("a[data-search]") && plain(event)) {
    event.preventDefault();
    open();
  } else if (event.target === dialog) dialog.close(); // the veil around it
});
