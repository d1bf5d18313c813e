// <drag-board data-post="/…/{id}/move" data-field="stage">: cards (li[data-id][data-version]) in columns ([data-stage]).
// A card moves at once; if the server says no it goes back, if it asks for more a form opens. With data-row columns stand in rows of
// so many, as the days of a month do.
import { ask } from "./dialogs";
import { on } from "./keys";
import { openMenu } from "./menus";
import { announce, say, still } from "./page";
import { dispatch, place, post, toast } from "./wire";

type Spot = { list: HTMLElement; next: Element | null };
const card = "li[data-id]";

class DragBoard extends HTMLElement {
  private armed = new WeakSet<Element>();
  private eyes = new MutationObserver(() => void this.arm());
  private under = new Map<string, Promise<boolean>>(); // moves on their way by card: whether the server took them
  private known = new Map<string, number>(); // versions that answers have named; a card may still show an older one
  private missed = false;
  private swapping = (event: DocumentEventMap["htmx:before:swap"]) => this.wait(event);

  connectedCallback(): void {
    void this.arm();
    document.addEventListener("htmx:before:swap", this.swapping);
    const board = this.querySelector(".board");
    if (board) this.eyes.observe(board, { childList: true });
    this.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-move]");
      if (button) this.offer(button.closest<HTMLElement>(card)!, button);
    });
  }

  disconnectedCallback(): void {
    this.eyes.disconnect();
    document.removeEventListener("htmx:before:swap", this.swapping);
  }

  /** What was read before a move was answered would put the card back: it is read again afterwards. */
  private wait(event: DocumentEventMap["htmx:before:swap"]): void {
    if (!this.under.size || !this.contains(event.detail.ctx.sourceElement)) return;
    event.preventDefault();
    this.missed = true;
  }

  /** Dragging comes by itself a moment later: reading a board needs no library. */
  private async arm(): Promise<void> {
    const lists = [...this.querySelectorAll<HTMLElement>(".cards")].filter((list) => !this.armed.has(list));
    if (!lists.length) return;
    lists.forEach((list) => this.armed.add(list));
    const { drag } = await import("./drag");
    for (const list of lists) drag(list, still() ? 0 : 140, (item, from, next) => this.move(item, { list: from, next }));
  }

  private column(item: Element): HTMLElement {
    return item.closest<HTMLElement>("[data-stage]")!;
  }

  private get columns(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-stage]")];
  }

  /** From the keyboard or the menu: to the top of a column, then as if it had been dragged. */
  carry(item: HTMLElement, to?: HTMLElement): boolean | void {
    const from = this.column(item);
    if (!to || to === from || item.dataset.fixed !== undefined) return false;
    const spot = { list: item.parentElement!, next: item.nextElementSibling };
    to.querySelector(".cards")!.prepend(item);
    item.scrollIntoView({ block: "nearest", inline: "nearest" });
    item.querySelector<HTMLElement>("[data-item]")?.focus();
    this.move(item, spot);
  }

  step(item: HTMLElement, by: number): boolean | void {
    return this.settled(item, (now) => this.carry(now, this.columns[this.columns.indexOf(this.column(now)) + by]));
  }

  /** Does it with the card as it is once its own move has been answered; not if that was refused or asked for more. */
  private settled(item: HTMLElement, deed: (now: HTMLElement) => boolean | void): boolean | void {
    const now = document.getElementById(item.id) ?? item; // the server may have drawn it anew
    const way = this.under.get(now.dataset.id!);
    if (!way) return deed(now);
    void way.then((taken) => taken && this.settled(now, deed));
  }

  private move(item: HTMLElement, spot: Spot): void {
    const id = item.dataset.id!;
    this.under.set(id, this.tell(item, spot).finally(() => {
      this.under.delete(id);
      if (this.under.size || !this.missed) return;
      this.missed = false;
      dispatch("records:changed");
    }));
  }

  /** Tells the server; true when it took the move as it was. */
  private async tell(item: HTMLElement, spot: Spot): Promise<boolean> {
    const id = item.dataset.id!;
    const version = String(Math.max(Number(item.dataset.version), this.known.get(id) ?? 0));
    const { stage = "", name: to = "" } = this.column(item).dataset;
    const from = spot.list.closest<HTMLElement>("[data-stage]")!.dataset.name!;
    const name = item.querySelector("[data-item]")!.textContent!;
    item.ariaBusy = "true";
    const answer = await post(this.dataset.post!.replace("{id}", id), { [this.dataset.field ?? "stage"]: stage, version });
    item.ariaBusy = null;
    if (answer.version) this.known.set(id, answer.version);
    let moved = answer.ok;
    if (answer.ok) await place(answer.text);
    else if (answer.status === 422 && answer.text.includes("<form")) moved = await ask(answer.text);
    else if (answer.status) {
      toast({ text: answer.status === 422 || answer.status === 409 ? plainText(answer.text) : say("failed"), bad: true });
      if (answer.status === 409 || answer.status === 412) dispatch("records:changed");
    }
    if (moved) {
      const landed = document.getElementById(item.id);
      landed?.classList.add("landed");
      this.focusAgain(landed);
      announce(say("moved", { name, stage: to }));
      return answer.ok;
    }
    spot.list.insertBefore(item, spot.next?.parentElement === spot.list ? spot.next : spot.list.firstElementChild);
    item.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.focusAgain(item);
    announce(say("back", { name, stage: from }));
    return false;
  }

  private focusAgain(item: HTMLElement | null): void {
    const here = document.activeElement;
    if (!here || here === document.body || here.closest("dialog")) item?.querySelector<HTMLElement>("[data-item]")?.focus({ preventScroll: true });
  }

  /** The menu "Move to…": the columns of this board. */
  offer(item: HTMLElement, button: HTMLElement): void {
    if (item.dataset.fixed !== undefined) return; // its reader may not move it
    document.getElementById("move-menu")?.remove();
    const menu = Object.assign(document.createElement("div"), { id: "move-menu", className: "menu", popover: "auto", role: "dialog", ariaLabel: say("moveTo") });
    menu.append(Object.assign(document.createElement("p"), { className: "title", textContent: say("moveTo") }));
    for (const column of this.columns) {
      const choice = Object.assign(document.createElement("button"), { type: "button" });
      const bead = column.querySelector(".bead")?.cloneNode();
      if (bead) choice.append(bead);
      choice.append(column.dataset.name!);
      if (column === this.column(item)) choice.setAttribute("aria-pressed", "true");
      choice.addEventListener("click", () => void this.settled(item, (now) => this.carry(now, column)));
      menu.append(choice);
    }
    document.body.append(menu);
    openMenu(menu, button);
  }

  focused(): HTMLElement | null {
    return this.contains(document.activeElement) ? document.activeElement!.closest<HTMLElement>(card) : null;
  }

  /** Arrows: through a column, and to the nearest card of the next column that has one. */
  go(down: number, across: number): boolean | void {
    const item = this.focused();
    if (!item) return this.querySelector<HTMLElement>(`${card} [data-item]`)?.focus() ?? undefined;
    const column = this.column(item);
    const at = [...column.querySelectorAll(card)].indexOf(item);
    let goal = column.querySelectorAll(card)[at + down];
    const step = across || (goal ? 0 : down * Number(this.dataset.row ?? 0)); // below the last of a day lies the next week
    if (step) {
      const columns = this.columns;
      for (let i = columns.indexOf(column) + step; columns[i]; i += step) {
        const cards = columns[i]!.querySelectorAll(card);
        if ((goal = cards[Math.min(at, cards.length - 1)])) break;
      }
    }
    if (!goal) return;
    goal.querySelector<HTMLElement>("[data-item]")!.focus({ preventScroll: true });
    goal.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
customElements.define("drag-board", DragBoard);

const plainText = (html: string): string => new DOMParser().parseFromString(html, "text/html").body.textContent!.trim() || say("failed");
const board = () => document.querySelector<DragBoard>("drag-board");
const steer = (down: number, across: number) => () => { const found = board(); return found ? found.go(down, across) : false; };
on("next", steer(1, 0));
on("previous", steer(-1, 0));
on("left", steer(0, -1));
on("right", steer(0, 1));
const held = (deed: (found: DragBoard, item: HTMLElement) => boolean | void) => () => {
  const found = board();
  const item = found?.focused();
  return found && item ? deed(found, item) : false;
};
on("stage-on", held((found, item) => found.step(item, 1)));
on("stage-back", held((found, item) => found.step(item, -1)));
on("move", held((found, item) => found.offer(item, item.querySelector<HTMLElement>("[data-item]")!)));
