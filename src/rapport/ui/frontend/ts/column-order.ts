// The order of columns in their chooser: by dragging, and by the arrows of each. Loaded with the chooser.
import Sortable from "sortablejs/modular/sortable.core.esm.js";

export function sortable(box: HTMLElement): void {
  const rows = box.querySelector<HTMLElement>("[data-sortable]")!;
  Sortable.create(rows, { draggable: "li:not(:first-child)", animation: 120, forceFallback: true, fallbackTolerance: 4, delay: 150, delayOnTouchOnly: true });
  rows.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-up], [data-down]");
    if (!button) return;
    const row = button.closest("li")!;
    const up = "up" in button.dataset;
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other || (up && other === rows.firstElementChild)) return;
    if (up) other.before(row);
    else other.after(row);
    button.focus();
  });
}
