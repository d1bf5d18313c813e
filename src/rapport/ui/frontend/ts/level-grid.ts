// <level-grid>: choices in a table. Arrows go from cell to cell; a letter chooses, Enter or Alt+Down opens, as in any select.
const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const unfolded = CSS.supports("selector(:open)") ? ":open" : ":not(*)";

class LevelGrid extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("keydown", (event) => this.move(event));
  }

  private move(event: KeyboardEvent): void {
    const step = steps[event.key];
    const from = (event.target as HTMLElement).closest<HTMLTableCellElement>("td");
    if (!step || !from || event.altKey || event.ctrlKey || event.metaKey || (event.target as HTMLElement).matches(unfolded)) return;
    event.preventDefault();
    const rows = [...this.querySelectorAll<HTMLTableRowElement>("tbody tr")];
    const across = step[1] * (getComputedStyle(this).direction === "rtl" ? -1 : 1);
    let row = rows.indexOf(from.parentElement as HTMLTableRowElement);
    let column = from.cellIndex;
    while (rows[(row += step[0])] && (column += across) >= 0 && column < 20) {
      const next = rows[row]!.cells[column]?.querySelector<HTMLElement>("select");
      if (next) return next.focus();
    }
  }
}
customElements.define("level-grid", LevelGrid);

document.addEventListener("change", ({ target }) => (target as HTMLElement).matches("select[data-submits]") && (target as HTMLSelectElement).form!.requestSubmit());
