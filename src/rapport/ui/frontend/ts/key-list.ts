// <key-list>: one stop of the Tab key for a whole list, j and k inside it, arrows from cell to cell, x to select.
// Items are [data-item].
import { on } from "./keys";
import { focus } from "./list-cells";
import { writing } from "./page";
import { clear, count } from "./selection";

const item = "[data-item]";
const reach = "a, button, input";

class KeyList extends HTMLElement {
  private current: HTMLElement | null = null;
  private last: HTMLInputElement | null = null;
  private eyes = new MutationObserver(() => this.settle());

  connectedCallback(): void {
    this.settle();
    this.eyes.observe(this, { childList: true, subtree: true });
    this.addEventListener("focusin", (event) => this.enter(event.target as HTMLElement));
    this.addEventListener("click", (event) => this.pick(event));
    this.addEventListener("keydown", (event) => this.open(event));
  }

  disconnectedCallback(): void {
    this.eyes.disconnect();
  }

  /** Rows that are new leave the order of the Tab key; one row stays in it. */
  private settle(): void {
    for (const row of this.querySelectorAll<HTMLElement>("tbody tr:not([data-calm], .more, .parting)")) {
      row.dataset.calm = "";
      this.reachable(row, false);
    }
    if (!this.current?.isConnected) {
      this.current = this.querySelector<HTMLElement>(item);
      if (this.current) this.reachable(this.current.closest("tr")!, true);
    }
    count();
  }

  private reachable(row: HTMLElement, yes: boolean): void {
    for (const each of row.querySelectorAll<HTMLElement>(reach)) if (!each.closest("edit-cell")) each.tabIndex = yes ? 0 : -1;
  }

  private enter(target: HTMLElement): void {
    const row = target.closest("tbody tr");
    const link = row?.querySelector<HTMLElement>(item);
    if (!link || link === this.current) return;
    const before = this.current?.closest("tr");
    if (before) this.reachable(before, false);
    this.reachable(row as HTMLElement, true);
    this.current = link;
  }

  /** The cell that has the focus, beyond the first. */
  private get cell(): HTMLTableCellElement | null {
    const here = document.activeElement;
    return here instanceof HTMLTableCellElement && this.contains(here) ? here : null;
  }

  move(step: number): boolean | void {
    const items = [...this.querySelectorAll<HTMLElement>(item)].filter((each) => !each.closest("tr")!.hidden);
    const inside = this.contains(document.activeElement) && this.current;
    const next = inside ? items[items.indexOf(this.current!) + step] : this.current ?? items[0];
    if (!next) return false;
    const cell = this.cell;
    if (cell) return focus(next.closest("tr")!.cells[cell.cellIndex]!);
    next.focus({ preventScroll: true });
    next.closest("tr")!.scrollIntoView({ block: "nearest" });
  }

  /** To the cell beside; the first cell is its link. */
  across(step: number): boolean | void {
    const row = this.contains(document.activeElement) && document.activeElement!.closest<HTMLTableRowElement>("tbody tr");
    if (!row) return false;
    const shown = [...row.cells].slice(0, -1).filter((cell) => cell.offsetParent !== null || !cell.cellIndex);
    const at = this.cell ? shown.indexOf(this.cell) : 0;
    const next = shown[at + step];
    if (next) focus(next);
  }

  private open(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.defaultPrevented || event.target !== this.cell) return;
    event.preventDefault();
    this.current?.click();
  }

  select(): boolean | void {
    const box = this.contains(document.activeElement) && this.current?.closest("tr")?.querySelector<HTMLInputElement>("[type=checkbox]");
    if (!box) return false;
    box.checked = !box.checked;
    this.last = box;
    count();
  }

  /** Everything from the box last ticked to this row. */
  extend(): boolean | void {
    const box = this.contains(document.activeElement) && this.current?.closest("tr")?.querySelector<HTMLInputElement>("[type=checkbox]");
    if (!box) return false;
    box.checked = true;
    this.range(box);
    count();
  }

  /** Shift takes everything between two boxes. */
  private pick(event: MouseEvent): void {
    const box = event.target as HTMLInputElement;
    if (box.type !== "checkbox" || box.name !== "id") return;
    if (event.shiftKey) this.range(box);
    this.last = box;
  }

  private range(box: HTMLInputElement): void {
    if (!this.last?.isConnected) return;
    const boxes = [...this.querySelectorAll<HTMLInputElement>("[name=id]")];
    const [from, to] = [boxes.indexOf(this.last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const each of boxes.slice(from, to! + 1)) each.checked = box.checked;
  }
}
customElements.define("key-list", KeyList);

const list = () => document.querySelector<KeyList>("key-list");
const held = (deed: (found: KeyList) => boolean | void) => () => {
  const found = list();
  return found ? deed(found) : false;
};
on("next", held((found) => found.move(1)));
on("previous", held((found) => found.move(-1)));
on("left", held((found) => found.across(-1)));
on("right", held((found) => found.across(1)));
on("select", (event) => held((found) => (event.shiftKey ? found.extend() : found.select()))());
on("select-all", () => {
  const box = document.querySelector<HTMLInputElement>("[data-all]");
  return box ? box.click() : false;
});
on("back", () => (document.querySelector("#bulk[data-open]") && !document.querySelector("#peek:not([hidden])") ? clear() : false));
on("find", () => {
  const find = document.querySelector<HTMLInputElement>("[data-find]");
  return find ? find.select() : false;
});
document.addEventListener("keydown", (event) => {
  // From the find box straight into the list, and out of it with Esc.
  if (!writing(event.target) || !(event.target as HTMLElement).matches("[data-find]")) return;
  if (event.key === "ArrowDown") document.querySelector<HTMLElement>(item)?.focus();
  else if (event.key === "Escape") (event.target as HTMLElement).blur();
});
