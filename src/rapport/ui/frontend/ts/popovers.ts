// What asks a little more opens beside its button: a[data-pop] is a page of its own, shown here as a popover.
import { on } from "./keys";
import { beside, openMenu } from "./menus";
import { narrow, plain } from "./page";
import { everything } from "./selection";
import { list, visit } from "./visits";
import { get, toast } from "./wire";

const pop = Object.assign(document.createElement("div"), { id: "pop", className: "menu pop", popover: "auto", role: "dialog" });
const wanted = [".condition > div :is(input, select)", "[data-seek]", ".ask :is(.input, [type=checkbox])", "a"];
let anchor: HTMLElement | null = null;
let leads = false; // something in it was chosen: the list that comes of it closes it

export async function openPop(url: string, button: HTMLElement): Promise<void> {
  const inside = pop.contains(button);
  const text = await get(url).catch(() => null);
  if (text === null) return void toast({ word: "failed", bad: true });
  if (!pop.isConnected) document.body.append(pop);
  leads = false;
  pop.innerHTML = text;
  pop.ariaLabel = pop.querySelector("h2")?.textContent ?? button.textContent!.trim();
  window.htmx.process(pop);
  if (!inside) {
    const menu = button.closest<HTMLElement>("[popover]");
    anchor = menu ? document.querySelector<HTMLElement>(`[popovertarget="${menu.id}"]`) : button;
  }
  if (!pop.matches(":popover-open")) openMenu(pop, anchor ?? button);
  else if (!narrow() && anchor) beside(pop, anchor);
  if (pop.querySelector("[data-sortable]")) void import("./column-order").then(({ sortable }) => sortable(pop));
  // The value first, the comparison is one step back.
  const reach = wanted.flatMap((each) => [...pop.querySelectorAll<HTMLElement>(each)]);
  reach.find((each) => each.offsetParent !== null && !(each as HTMLInputElement).disabled)?.focus();
}

/** Where what a deed on many rows needs is asked for. */
function asks(button: HTMLButtonElement): string {
  const address = new URL(button.form!.action);
  address.searchParams.set("do", button.value);
  if (everything()) address.searchParams.set("all", "1");
  return address.href;
}

document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest?.<HTMLElement>("a[data-pop], button[data-deed]");
  if (!link || !plain(event)) return;
  event.preventDefault();
  void openPop(link instanceof HTMLAnchorElement ? link.href : asks(link as HTMLButtonElement), link);
});

// A filled condition: the list comes back, or the editor with what is missing.
document.addEventListener("submit", async (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.matches("#pop form[data-condition]")) return;
  event.preventDefault();
  await visit(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form) as never)}`);
});
// Only the list that came of it closes it; another that was on its way, its sums or further rows may arrive meanwhile.
document.addEventListener("submit", (event) => void (leads ||= pop.contains(event.target as Node)), true);
document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest?.("a[data-visit]");
  leads ||= !!link && pop.contains(link);
}, true);
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = (event as CustomEvent).detail;
  if (ctx.target === pop) leads = false;
  if (!leads || ctx.target !== list()) return;
  leads = false;
  pop.hidePopover();
  document.getElementById(anchor?.id || "add-filter")?.focus();
});

// A condition in a form: the box of chips that came of it closes it.
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = (event as CustomEvent).detail;
  const box = ctx.target instanceof Element ? ctx.target.id : "";
  if (!box.startsWith("box-")) return;
  if (pop.matches(":popover-open")) pop.hidePopover();
  document.getElementById(box)?.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById(`add-${box.slice(4)}`)?.focus();
});

// The menu of fields narrows while one types.
document.addEventListener("input", (event) => {
  const seek = event.target as HTMLInputElement;
  if (!seek.matches("[data-seek]")) return;
  const part = seek.value.trim().toLocaleLowerCase();
  for (const group of pop.querySelectorAll<HTMLElement>("[data-group]")) {
    const links = [...group.querySelectorAll("a")];
    for (const link of links) link.hidden = !link.textContent!.toLocaleLowerCase().includes(part);
    group.hidden = links.every((link) => link.hidden);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.target as Element).matches?.("[data-seek]")) return;
  event.preventDefault();
  pop.querySelector<HTMLElement>("[data-group] a:not([hidden])")?.click();
});

on("filter", () => {
  const link = document.querySelector<HTMLElement>("[data-filter]");
  return link ? link.click() : false;
});
on("columns", () => {
  const link = document.getElementById("choose");
  return link ? link.click() : false;
});
