// Menus are native popovers. This puts them beside their button and moves through them with the arrows.
import { narrow } from "./page";

let opener: HTMLElement | null = null;

/** Puts a box under (or above) a button, inside the window. */
export function beside(menu: HTMLElement, button: HTMLElement): void {
  const near = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = near.bottom + 4 + size.height <= innerHeight;
  const rtl = document.dir === "rtl";
  let left = rtl || near.left + size.width > innerWidth - 8 ? near.right - size.width : near.left;
  left = Math.max(8, Math.min(left, innerWidth - size.width - 8));
  menu.style.top = `${below ? near.bottom + 4 : Math.max(8, near.top - size.height - 4)}px`;
  menu.style.left = `${left}px`;
}

/** Opens a menu made by a script beside an element. */
export function openMenu(menu: HTMLElement, button: HTMLElement): void {
  opener = button;
  menu.showPopover();
}

document.addEventListener("click", (event) => {
  opener = (event.target as Element).closest?.<HTMLElement>("[popovertarget]") ?? opener;
}, true);

document.addEventListener("toggle", (event) => {
  const menu = event.target as HTMLElement;
  if (!menu.matches?.(".menu")) return;
  const open = (event as ToggleEvent).newState === "open";
  opener?.setAttribute("aria-expanded", String(open));
  if (!open) return;
  menu.style.top = menu.style.left = "";
  if (opener && !narrow()) beside(menu, opener);
  menu.querySelector<HTMLElement>("a, button, input")?.focus();
}, true);

document.addEventListener("keydown", (event) => {
  const menu = (event.target as Element).closest?.<HTMLElement>(".menu:popover-open:not(:has(form.ask))");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll<HTMLElement>("a, button")].filter((each) => each.offsetParent !== null);
  const at = items.indexOf(document.activeElement as HTMLElement);
  items[(at + step + items.length) % items.length]?.focus();
});
document.addEventListener("click", (event) => {
  const item = (event.target as Element).closest?.(".menu :is(a, button)");
  if (item && !item.closest("form, .pop")) item.closest<HTMLElement>(".menu")!.hidePopover();
});
