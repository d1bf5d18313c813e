// Forms in a dialog: a[data-dialog] opens its address there; without this script it is a plain page.
import { plain, say } from "./page";
import { load } from "./wire";

const dialog = document.getElementById("dialog") as HTMLDialogElement | null;
const body = document.getElementById("dialog-body");
let done = false;

function show(): void {
  done = false;
  const heading = dialog!.querySelector("h2, h1");
  if (heading) dialog!.setAttribute("aria-label", heading.textContent!);
  if (!dialog!.open) dialog!.showModal();
  // The first thing to write in, not the first link.
  (dialog!.querySelector<HTMLElement>("[data-focus], [autofocus], [aria-invalid=true]") ?? dialog!.querySelector<HTMLElement>(".input"))?.focus();
}

/** Shows a form that came as an answer; resolves to whether it was carried out. */
export function ask(html: string): Promise<boolean> {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  body!.replaceChildren(fresh.content);
  window.htmx.process(body!);
  show();
  return new Promise((resolve) => dialog!.addEventListener("close", () => resolve(done), { once: true }));
}

async function open(url: string): Promise<void> {
  await load(url, body!);
  if (body!.childElementCount) show();
}

function close(): void {
  const dirty = dialog!.querySelector("form[data-dirty]");
  if (dirty && !confirm(say("leave"))) return;
  dialog!.close();
}

if (dialog) {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[data-dialog]");
    if (link && plain(event)) {
      event.preventDefault();
      void open(link.href);
    }
    const closer = (event.target as Element).closest?.("[data-close]");
    if (closer && closer.closest("dialog")) {
      event.preventDefault();
      if (dialog.contains(closer)) close();
      else closer.closest("dialog")!.close();
    }
  });
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    close();
  });
  dialog.addEventListener("close", () => body!.replaceChildren());
  // An answer that is no error means the deed is done.
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = (event as CustomEvent).detail.ctx;
    if (!(sourceElement instanceof HTMLFormElement) || response.status >= 400) return;
    delete sourceElement.dataset.dirty;
    if (dialog.contains(sourceElement)) {
      done = true;
      queueMicrotask(() => setTimeout(() => dialog.close()));
    }
  });
  // A form whose refusal asks for more (a stage that wants a reason) shows it here.
  document.addEventListener("htmx:after:swap", (event) => {
    const { ctx } = (event as CustomEvent).detail;
    if (ctx.response?.status === 422 && body!.childElementCount && !dialog.open) show();
    else if (ctx.response?.status === 422 && dialog.open) dialog.querySelector<HTMLElement>("[data-focus]")?.focus();
  });
}
