// Columns are made wider by dragging the edge of their head, or with Alt and an arrow on it. The server remembers.
import { list, visit } from "./visits";
import { post } from "./wire";

const least = 60;
let wait = 0;

function column(head: HTMLTableCellElement): HTMLElement {
  return head.closest("table")!.querySelectorAll("col")[head.cellIndex]!;
}

function widen(head: HTMLTableCellElement, width: number): void {
  const wide = String(Math.round(Math.max(least, Math.min(width, 900))));
  column(head).setAttribute("width", wide);
  head.querySelector(".edge")?.setAttribute("aria-valuenow", wide);
}

/** Keeps the widths; where the address names the columns it follows. */
function keep(head: HTMLTableCellElement): void {
  const heads = [...head.parentElement!.querySelectorAll<HTMLTableCellElement>("th[data-field]")];
  const columns = heads.map((each) => `${each.dataset.field}:${column(each).getAttribute("width")}`).join();
  const address = new URL(location.href);
  void post(`/${list()!.dataset.plural}/columns${address.search}`, { columns, quiet: "1" });
  if (!address.searchParams.has("columns")) return;
  address.searchParams.set("columns", columns);
  void visit(address.pathname + address.search, { swap: "innerMorph", push: false });
}

document.addEventListener("pointerdown", (event) => {
  const edge = (event.target as Element).closest?.<HTMLElement>("th .edge");
  if (!edge) return;
  event.preventDefault();
  const head = edge.closest("th")!;
  const from = { x: event.clientX, width: head.getBoundingClientRect().width };
  const way = document.dir === "rtl" ? -1 : 1;
  edge.setPointerCapture(event.pointerId);
  head.dataset.widening = "";
  const move = (moved: PointerEvent) => widen(head, from.width + way * (moved.clientX - from.x));
  edge.addEventListener("pointermove", move);
  edge.addEventListener("lostpointercapture", () => {
    edge.removeEventListener("pointermove", move);
    delete head.dataset.widening;
    keep(head);
  }, { once: true });
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
  const head = (event.target as Element).closest?.<HTMLTableCellElement>(".grid th[data-field]");
  if (!event.altKey || !step || !head) return;
  event.preventDefault();
  widen(head, head.getBoundingClientRect().width + step);
  clearTimeout(wait);
  wait = window.setTimeout(() => keep(head), 600);
});
