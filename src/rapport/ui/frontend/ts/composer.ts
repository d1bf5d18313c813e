// Links that lead to the composer choose its channel; Ctrl-Enter sends any text field's form.
import { on } from "./keys";
import { narrow } from "./page";

function compose(channel: string): boolean | void {
  const form = document.querySelector<HTMLFormElement>("#composer");
  const choice = form?.querySelector<HTMLInputElement>(`[name=channel][value="${channel}"]`);
  if (!form || !choice) return false;
  choice.checked = true;
  if (narrow() && location.hash && location.hash !== "#timeline-section") location.hash = "timeline-section";
  const text = form.querySelector<HTMLElement>(channel === "task" ? "[name=title]" : "textarea")!;
  text.focus();
  form.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest?.<HTMLElement>("[data-compose]");
  if (link && compose(link.dataset.compose!) !== false) event.preventDefault();
});
// Esc leaves the composer, what was typed stays, and the single keys work again.
document.addEventListener("keydown", (event) => {
  const field = event.target as HTMLElement;
  if (event.key === "Escape" && !event.defaultPrevented && field.closest?.("#composer")) field.blur();
});
on("note", () => compose("note"));
on("call", () => compose("call"));
on("task", () => compose("task"));
on("deal", () => document.querySelector<HTMLElement>("[data-new-deal]")?.click() ?? (document.querySelector("[data-new-deal]") ? undefined : false));
on("save", (event) => {
  const form = (event.target as HTMLInputElement).form;
  return form ? form.requestSubmit() : false;
});

// An address that ends in #log-call opens the composer on that channel; the command palette uses it.
function asked(): void {
  const channel = /^#log-(\w+)$/.exec(location.hash)?.[1];
  if (!channel || compose(channel) === false) return;
  history.replaceState(history.state, "", location.pathname + location.search);
}
addEventListener("hashchange", asked);
asked();
