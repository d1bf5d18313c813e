// A part of a form that the server draws anew after a choice: the reader stays where he was, or goes where he is sent.
let was = "";

document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement } = (event as CustomEvent).detail.ctx;
  if (sourceElement.closest("form")?.querySelector("[data-redrawn]")) was = document.activeElement?.id || sourceElement.id;
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
