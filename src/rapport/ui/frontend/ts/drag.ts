// The hand of <drag-board>, loaded only where there is a board.
import Sortable, { AutoScroll } from "sortablejs/modular/sortable.core.esm.js";

Sortable.mount(new (AutoScroll as new () => never)());

/** Lets cards be dragged between lists of one board; `dropped` hears of those that changed lists. */
export function drag(list: HTMLElement, animation: number, dropped: (item: HTMLElement, from: HTMLElement, next: Element | null) => void): void {
  let next: Element | null = null;
  Sortable.create(list, {
    group: "board",
    draggable: "li[data-id]:not([data-fixed]):not([aria-busy])", // nor while its own move is on its way
    filter: "button",
    preventOnFilter: false,
    sort: false,
    animation,
    forceFallback: true, // the same picture for mouse and finger
    fallbackOnBody: true,
    fallbackTolerance: 4,
    delay: 180, // a finger scrolls first, and lifts when it stays
    delayOnTouchOnly: true,
    touchStartThreshold: 6,
    scrollSensitivity: 60,
    bubbleScroll: true,
    ghostClass: "tile-ghost",
    fallbackClass: "tile-lifted",
    onStart: ({ item }) => (next = item.nextElementSibling),
    onMove: ({ to }) => {
      document.querySelectorAll("[data-over]").forEach((each) => each.removeAttribute("data-over"));
      to.closest("[data-stage]")?.setAttribute("data-over", "");
    },
    onEnd: ({ item, from, to }) => {
      document.querySelectorAll("[data-over]").forEach((each) => each.removeAttribute("data-over"));
      if (from !== to) dropped(item, from, next);
    },
  });
}
