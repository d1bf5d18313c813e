// Rows that are selected: how many, and what is done to them (form[data-bulk]) as one deed.
import { announce } from "./page";
import { post } from "./wire";

const boxes = (): HTMLInputElement[] => [...document.querySelectorAll<HTMLInputElement>("#rows [name=id]")];
const chosen = (): HTMLInputElement[] => boxes().filter((box) => box.checked);

let whole = false; // all of the list, also what is not loaded

/** Whether what is done next is done to all of the list. */
export const everything = (): boolean => whole;

/** Says how many are selected, wherever that is shown. */
export function count(): void {
  const number = chosen().length;
  const loaded = number > 0 && number === boxes().length;
  whole &&= loaded;
  const bar = document.getElementById("bulk");
  const line = document.querySelector<HTMLElement>("[data-selected]");
  const word = whole ? bar?.querySelector<HTMLElement>("[data-all-word]")?.dataset.allWord : "";
  bar?.toggleAttribute("data-open", number > 0);
  for (const each of document.querySelectorAll("[data-number], [data-selected] b")) each.textContent = word || String(number);
  if (line) line.hidden = !number;
  const further = bar?.querySelector<HTMLElement>("[data-everything]");
  if (further) further.hidden = whole || !loaded || !document.querySelector("#rows .more");
  // What needs no value is asked once more before it is done to all.
  for (const each of bar?.querySelectorAll("[value=bin], [value=restore], [value=take]") ?? []) each.toggleAttribute("data-deed", whole);
  const all = document.querySelector<HTMLInputElement>("[data-all]");
  if (!all) return;
  all.checked = loaded;
  all.indeterminate = number > 0 && !all.checked;
}

export function clear(): void {
  whole = false;
  for (const box of chosen()) box.checked = false;
  count();
}

document.addEventListener("change", (event) => {
  const box = event.target as HTMLInputElement;
  if (box.matches("[data-all]")) for (const each of boxes()) each.checked = box.checked;
  if (box.matches("[data-all], #rows [name=id]")) count();
});
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest?.("[data-unselect]")) clear();
  if (target.closest?.("[data-everything]")) {
    whole = true;
    count();
  }
});
// Before anybody follows the link: it takes along what is selected.
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const file = target.closest?.<HTMLAnchorElement>("a[data-export]");
  if (file) {
    const address = new URL(file.href);
    if (whole) address.searchParams.delete("ids");
    else address.searchParams.set("ids", chosen().map((box) => box.value).join());
    file.href = address.href;
  }
}, true);
document.addEventListener("submit", async (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.matches("[data-bulk]")) return;
  event.preventDefault();
  const values = new URLSearchParams(new FormData(form, event.submitter) as never);
  values.delete("id");
  if (whole) values.set("all", "1");
  else for (const box of chosen()) values.append("id", box.value);
  const { ok } = await post(form.action, values);
  if (!ok) return;
  form.closest<HTMLElement>("[popover]")?.hidePopover();
  clear();
  announce("");
});
