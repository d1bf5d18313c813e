// <day-list>: j and k through what is to be done, x checks it off, s puts it off; opening a notification calls it read.
import { on } from "./keys";
import { post } from "./wire";

const row = (link: Element | null) => link?.closest<HTMLElement>("li, .row") ?? null;

class DayList extends HTMLElement {
  get items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-item]")];
  }

  /** The item that has the focus, or whose row has it. */
  get current(): HTMLElement | null {
    const held = this.contains(document.activeElement) ? row(document.activeElement) : null;
    return held && (held.matches("[data-item]") ? held : held.querySelector<HTMLElement>("[data-item]"));
  }

  move(step: number): boolean | void {
    const { items, current } = this;
    const next = current ? items[items.indexOf(current) + step] : items[0];
    if (!next) return false;
    next.focus({ preventScroll: true });
    row(next)?.scrollIntoView({ block: "nearest" });
  }

  press(what: string): boolean | void {
    const { items, current } = this;
    const button = row(current)?.querySelector<HTMLElement>(what);
    if (!button) return false;
    // What is checked off goes away: the focus is on the next one by then.
    if (what === "[data-tick]") (items[items.indexOf(current!) + 1] ?? items[items.indexOf(current!) - 1])?.focus();
    button.click();
  }
}
customElements.define("day-list", DayList);

const list = () => document.querySelector<DayList>("day-list");
on("next", () => list()?.move(1) ?? (list() ? undefined : false));
on("previous", () => list()?.move(-1) ?? (list() ? undefined : false));
on("select", () => list()?.press("[data-tick]") ?? (list() ? undefined : false));
on("put-off", () => list()?.press("[data-put-off]") ?? (list() ? undefined : false));
on("create", () => {
  const line = document.querySelector<HTMLElement>("[data-create-here]");
  return line ? line.focus() : false;
});
document.addEventListener("keydown", (event) => {
  // Esc leaves the line for the list.
  if (event.key === "Escape" && (event.target as Element).matches?.("[data-create-here]")) (event.target as HTMLElement).blur();
});
document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest?.<HTMLElement>("[data-reads]");
  if (link) void post("/notifications/read", { id: link.dataset.reads! });
});
