// The way to a field's history stands in its cell once one points at it or steps into it; no card carries it unasked.
import { say } from "./page";

function offer(event: Event): void {
  const cell = (event.target as Element).closest?.<HTMLElement>("#card edit-cell[id]");
  if (!cell || cell.classList.contains("editing") || cell.querySelector(":scope > .past-link")) return;
  const base = cell.closest<HTMLElement>("[data-record]")?.dataset.record;
  const sprite = document.querySelector("use")?.getAttribute("href")?.split("#")[0];
  if (!base || !sprite) return;
  const field = cell.closest("dd")?.previousElementSibling?.textContent ?? cell.innerText;
  const link = Object.assign(document.createElement("a"), { className: "past-link", href: `${base}/field/${cell.id.slice(5)}/history` });
  link.dataset.pop = "";
  link.ariaLabel = link.title = say("past", { field: field.trim() });
  link.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${sprite}#history"/></svg>`;
  cell.append(link);
}

document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && offer(event));
document.addEventListener("focusin", offer);
