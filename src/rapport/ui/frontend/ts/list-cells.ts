// A cell of a list edited in place: by a double click or `e`, with the editor of the card. Enter keeps, Esc leaves,
// Tab goes on to the next cell that can be changed.
import { on } from "./keys";
import { refresh } from "./live-rows";
import { list } from "./visits";
import { get } from "./wire";

type Cell = HTMLTableCellElement;
const head = (cell: Cell): HTMLElement | undefined => cell.closest("table")!.tHead!.rows[0]!.cells[cell.cellIndex];
const changeable = (cell: Cell): boolean => "edits" in (head(cell)?.dataset ?? {}) && cell.offsetParent !== null;

async function edit(cell: Cell): Promise<void> {
  if (cell.classList.contains("writing")) return;
  const id = cell.closest("tr")!.id.slice(4);
  const text = await get(`/${list()!.dataset.plural}/${id}/field/${head(cell)!.dataset.field}`).catch(() => null);
  if (text === null || !cell.isConnected) return;
  const editor = document.createElement("edit-cell");
  editor.className = "cell";
  let next: Cell | undefined;
  cell.classList.add("writing");
  cell.append(editor);
  new MutationObserver((_, eyes) => {
    if (editor.querySelector("form[data-editor]")) return void (next = undefined); // what was refused stays
    eyes.disconnect();
    editor.remove();
    cell.classList.remove("writing");
    refresh(id);
    if (next) return void edit(next);
    if (!document.activeElement || document.activeElement === document.body) focus(cell);
  }).observe(editor, { childList: true });
  editor.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const cells = [...cell.parentElement!.children].filter((each) => changeable(each as Cell)) as Cell[];
    next = cells[cells.indexOf(cell) + (event.shiftKey ? -1 : 1)];
    event.preventDefault();
    editor.querySelector<HTMLFormElement>("form[data-editor]")?.requestSubmit();
  });
  editor.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("[data-cancel]")) return;
    event.preventDefault();
    event.stopPropagation();
    editor.replaceChildren(); // what stood here stands below: nobody need be asked
  }, true);
  editor.innerHTML = text;
  window.htmx.process(editor);
}

export function focus(cell: Cell): void {
  const link = cell.cellIndex ? null : cell.querySelector<HTMLElement>("[data-item]");
  if (!link) cell.tabIndex = -1;
  (link ?? cell).focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

document.addEventListener("dblclick", (event) => {
  const cell = (event.target as Element).closest?.<Cell>("#rows td");
  if (!cell || !changeable(cell) || (event.target as Element).closest("a, button, input, edit-cell")) return;
  getSelection()?.removeAllRanges();
  void edit(cell);
});

on("edit", () => {
  const here = document.activeElement?.closest<HTMLElement>("#rows td");
  const cell = here as Cell | undefined;
  return cell && changeable(cell) ? void edit(cell) : false;
});
