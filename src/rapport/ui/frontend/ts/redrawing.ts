// A part of a form that the server draws anew after a choice: the reader stays where he was, or goes where he is sent. What he does
// while an answer is on its way waits for it: it would be done to what stood before.
let was = "";
let asked: HTMLFormElement | null = null;
const waiting: (() => void)[] = [];

/** Does it when nothing is on its way any more, in the order in which it was asked for. */
export function afterDrawing(deed: () => void): void {
  if (asked?.isConnected) waiting.push(deed);
  else deed();
}

/** The same control after the part was drawn anew. */
function again(control: HTMLElement): HTMLElement | null {
  if (control.isConnected) return control;
  if (control.id) return document.getElementById(control.id);
  return document.querySelector(`[data-redrawn] button[value="${CSS.escape((control as HTMLButtonElement).value)}"]`);
}

function later(event: Event, control: HTMLElement, deed: (now: HTMLElement) => void): void {
  event.preventDefault();
  event.stopImmediatePropagation();
  waiting.push(() => {
    const now = again(control);
    if (now) deed(now);
    else waiting.shift()?.();
  });
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("button:not([type=button])");
  if (asked && button?.form === asked) later(event, button, (now) => now.click());
}, true);
document.addEventListener("change", (event) => {
  const control = event.target as HTMLInputElement;
  if (!asked || control.form !== asked || !control.matches("[hx-post]")) return;
  const { value, checked } = control;
  later(event, control, (now) => {
    Object.assign(now, control.type === "checkbox" ? { checked } : { value });
    now.dispatchEvent(new Event("change", { bubbles: true }));
  });
}, true);

document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement } = (event as CustomEvent).detail.ctx;
  const form: HTMLFormElement | null = sourceElement.closest("form");
  if (!form?.querySelector("[data-redrawn]")) return;
  was = document.activeElement?.id || sourceElement.id;
  asked = form;
});
document.addEventListener("htmx:finally:request", () => {
  asked = null;
  setTimeout(() => waiting.shift()?.());
});
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = (event as CustomEvent).detail;
  const part: Element | null = ctx.target instanceof Element ? ctx.target : null;
  if (!part?.matches("[data-redrawn]")) return;
  const sent = part.querySelector<HTMLElement>("[data-focus]");
  const same = was ? document.getElementById(was) : null;
  (sent ?? same)?.focus();
  sent?.scrollIntoView({ block: "nearest" });
});
