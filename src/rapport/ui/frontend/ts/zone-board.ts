// <zone-board data-draft>: lists [data-zone] of places (li[data-place]) that are ordered by dragging, by the buttons of each, by Alt and
// arrows, or by "Move to…". Every move is a deed that the server does and draws anew.
import { openMenu } from "./menus";
import { say, still } from "./page";
import { afterDrawing } from "./redrawing";

const place = "li[data-place]";

class ZoneBoard extends HTMLElement {
  private armed = new WeakSet<Element>();
  private eyes = new MutationObserver(() => void this.arm());

  connectedCallback(): void {
    void this.arm();
    this.eyes.observe(this, { childList: true });
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-to]");
      if (button) this.offer(button.closest<HTMLElement>(place)!, button);
    });
  }

  disconnectedCallback(): void {
    this.eyes.disconnect();
  }

  private async arm(): Promise<void> {
    const zones = this.zones.filter((zone) => !this.armed.has(zone));
    if (!zones.length) return;
    zones.forEach((zone) => this.armed.add(zone));
    const { zoned } = await import("./zones");
    for (const zone of zones) zoned(zone, still() ? 0 : 140, (item, to, at) => this.put(item, to, at));
  }

  private get zones(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-zone]")];
  }

  private put(item: HTMLElement, to: HTMLElement, at: number): void {
    afterDrawing(() => {
      const now = document.getElementById(item.id); // earlier deeds may have drawn it anew elsewhere
      if (!now) return;
      this.querySelector<HTMLInputElement>("[name=put]")!.value = `put|${now.dataset.place}|${to.dataset.zone}|${at}`;
      this.querySelector<HTMLElement>("[data-put]")!.click();
    });
  }

  /** Alt and an arrow anywhere in a place is its button. */
  private key(event: KeyboardEvent): void {
    const word = event.altKey && { ArrowUp: "up", ArrowDown: "down" }[event.key];
    const item = (event.target as Element).closest(place);
    const button = word && item?.querySelector<HTMLElement>(`[id^="${word}-"]`);
    if (!button) return;
    event.preventDefault();
    button.focus();
    button.click();
  }

  /** The other zones that take it. */
  private offer(item: HTMLElement, button: HTMLElement): void {
    const here = item.closest<HTMLElement>("[data-zone]")!;
    document.getElementById("move-menu")?.remove();
    const menu = Object.assign(document.createElement("div"), { id: "move-menu", className: "menu", popover: "auto", role: "dialog", ariaLabel: say("moveTo") });
    menu.append(Object.assign(document.createElement("p"), { className: "title", textContent: say("moveTo") }));
    const alike = this.zones.filter((zone) => zone.dataset.group === here.dataset.group);
    for (const zone of alike.filter((zone) => zone !== here)) {
      const name = named(zone);
      const also = alike.some((other) => other !== zone && named(other) === name) ? shownFor(zone) : "";
      const choice = Object.assign(document.createElement("button"), { type: "button", textContent: also ? `${name} (${also})` : name });
      choice.addEventListener("click", () => {
        menu.hidePopover();
        button.focus();
        this.put(item, zone, zone.querySelectorAll(place).length);
      });
      menu.append(choice);
    }
    document.body.append(menu);
    openMenu(menu, button);
  }
}

/** A section is called what stands in its heading, sent or not. */
const named = (zone: HTMLElement): string => zone.closest(".zone")!.querySelector<HTMLInputElement>("input.heading")?.value || zone.dataset.name!;
/** Of which records a section is shown: what tells two of one name apart. */
const shownFor = (zone: HTMLElement): string => [...zone.closest(".zone")!.querySelectorAll(".ticks :checked")].map((each) => each.closest("label")!.textContent!.trim()).join(", ");
customElements.define("zone-board", ZoneBoard);
