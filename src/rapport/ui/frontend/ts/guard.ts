// Nothing typed is lost: leaving with unsaved text asks. Nothing is sent twice.
import { withdraw } from "./live";
import { say } from "./page";

const WRITING = 'form[data-dirty][id], edit-cell.editing[id^="cell-"]'; // what a card itself holds; its boxes load by themselves
const dirty = () => document.querySelector("form[data-dirty]");

document.addEventListener("input", (event) => {
  const form = (event.target as HTMLInputElement).form;
  if (form?.matches("[data-guard]")) form.dataset.dirty = "";
});
document.addEventListener("reset", (event) => delete (event.target as HTMLElement).dataset.dirty);
document.addEventListener("rapport:leaving", () => document.querySelectorAll<HTMLElement>("[data-dirty]").forEach((form) => delete form.dataset.dirty));
window.addEventListener("beforeunload", (event) => {
  if (dirty()) {
    event.preventDefault();
    event.returnValue = say("leave");
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[hx-post], [hx-get]")) return;
  delete form.dataset.dirty;
  if (form.dataset.busy !== undefined) event.preventDefault();
  form.dataset.busy = "";
});
// The back button brings a page as it was left: let its forms work again.
window.addEventListener("pageshow", () => document.querySelectorAll<HTMLElement>("[data-busy]").forEach((form) => delete form.dataset.busy));

// A refresh without room for what is being written (the record was binned meanwhile, a right withdrawn) is not taken.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (!ctx.sourceElement.matches("[data-here]")) return;
  for (const { target, fragment } of tasks) {
    const lost = [...(target?.querySelectorAll(WRITING) ?? [])].some(({ id }) => !fragment.querySelector(`#${CSS.escape(id)}`));
    if (!lost) continue;
    event.preventDefault();
    withdraw(fragment.querySelector("[data-binned]") ? "binned" : "closed");
  }
});

// What came back with errors says so first.
const focus = document.querySelector<HTMLElement>("[data-focus]");
focus?.focus();
