// <key-list>: one stop of the Tab key for a whole list, j and k inside it, x to select. Items are [data-item].
import { on } from "./keys";
import { writing } from "./page";

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
    this.addEventListener("change", () => this.count());
    document.querySelector("[data-unselect]")?.addEventListener("click", () => this.clear());
  }

  disconnectedCallback(): void {
    this.eyes.disconnect();
  }

  /** Rows that are new leave the order of the Tab key; one row stays in it. */
  private settle(): void {
    for (const row of this.querySelectorAll<HTMLElement>("tbody tr:not([data-calm], .more)")) {
      row.dataset.calm = "";
      this.reachable(row, false);
    }
    if (!this.current?.isConnected) {
      this.current = this.querySelector<HTMLElement>(item);
      if (this.current) this.reachable(this.current.closest("tr")!, true);
      this.count();
    }
  }

  private reachable(row: HTMLElement, yes: boolean): void {
    for (const each of row.querySelectorAll<HTMLElement>(reach)) each.tabIndex = yes ? 0 : -1;
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

  move(step: number): boolean | void {
    const items = [...this.querySelectorAll<HTMLElement>(item)];
    const inside = this.contains(document.activeElement) && this.current;
    const next = inside ? items[items.indexOf(this.current!) + step] : this.current ?? items[0];
    if (!next) return false;
    next.focus({ preventScroll: true });
    next.closest("tr")!.scrollIntoView({ block: "nearest" });
  }

  select(): boolean | void {
    const box = this.contains(document.activeElement) && this.current?.closest("tr")?.querySelector<HTMLInputElement>("[type=checkbox]");
    if (!box) return false;
    box.checked = !box.checked;
    this.count();
  }

  /** Shift takes everything between two boxes. */
  private pick(event: MouseEvent): void {
    const box = event.target as HTMLInputElement;
    if (box.type !== "checkbox") return;
    const boxes = [...this.querySelectorAll<HTMLInputElement>("[type=checkbox]")];
    if (event.shiftKey && this.last?.isConnected) {
      const [from, to] = [boxes.indexOf(this.last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const each of boxes.slice(from, to! + 1)) each.checked = box.checked;
    }
    this.last = box;
  }

  private clear(): void {
    for (const box of this.querySelectorAll<HTMLInputElement>(":checked")) box.checked = false;
    this.count();
    this.current?.focus();
  }

  private count(): void {
    const bar = document.querySelector<HTMLElement>("[data-selected]");
    const number = this.querySelectorAll(":checked").length;
    if (!bar) return;
    bar.hidden = !number;
    bar.querySelector("b")!.textContent = String(number);
  }
}
customElements.define("key-list", KeyList);

const list = () => document.querySelector<KeyList>("key-list");
on("next", () => list()?.move(1) ?? (list() ? undefined : false));
on("previous", () => list()?.move(-1) ?? (list() ? undefined : false));
on("select", () => list()?.select() ?? (list() ? undefined : false));
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
