// Nothing typed is lost: leaving with unsaved text asks. Nothing is sent twice.
import { say } from "./page";

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

// What came back with errors says so first.
const focus = document.querySelector<HTMLElement>("[data-focus]");
focus?.focus();
