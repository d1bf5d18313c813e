// The hand of <zone-board>, loaded only where there is one.
import Sortable, { AutoScroll } from "sortablejs/modular/sortable.core.esm.js";

try {
  Sortable.mount(new (AutoScroll as new () => never)());
} catch {
  // another board has it already
}

/** Lets places be dragged within a zone and to others of its group; `dropped` hears where they were let go. */
export function zoned(zone: HTMLElement, animation: number, dropped: (item: HTMLElement, to: HTMLElement, at: number) => void): void {
  Sortable.create(zone, {
    group: zone.dataset.group,
    draggable: "li[data-place]",
    filter: "button",
    preventOnFilter: false,
    animation,
    forceFallback: true,
    fallbackOnBody: true,
    fallbackTolerance: 4,
    delay: 180,
    delayOnTouchOnly: true,
    touchStartThreshold: 6,
    scrollSensitivity: 60,
    bubbleScroll: true,
    ghostClass: "tile-ghost",
    fallbackClass: "tile-lifted",
    onEnd: ({ item, from, to, oldDraggableIndex, newDraggableIndex }) => {
      if (from !== to || oldDraggableIndex !== newDraggableIndex) dropped(item, to, newDraggableIndex ?? 0);
    },
  });
}
