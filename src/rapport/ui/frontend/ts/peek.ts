// A record over the list: a[data-peek] opens there on a click, the page itself on Enter or with Ctrl.
import { on } from "./keys";
import { announce, narrow, plain } from "./page";
import { load } from "./wire";

const drawer = document.getElementById("peek");
let source: HTMLAnchorElement | null = null;
let wait = 0;
let pause = 0;

const holder = (link: Element | null) => link?.closest<HTMLElement>("tr, li, .row");

async function open(link: HTMLAnchorElement): Promise<void> {
  holder(source)?.removeAttribute("data-open");
  source = link;
  holder(link)?.setAttribute("data-open", "");
  await load(link.dataset.peek!, drawer!);
  if (source !== link || !drawer!.childElementCount) return;
  drawer!.hidden = false;
  announce(link.textContent!.trim());
}

function follow(link: HTMLAnchorElement): void {
  link.focus({ preventScroll: true });
  if (link === source) close();
  else void open(link);
}

function close(): boolean {
  if (!drawer || drawer.hidden) return false;
  const inside = drawer.contains(document.activeElement);
  drawer.hidden = true;
  drawer.replaceChildren();
  holder(source)?.removeAttribute("data-open");
  if (inside && source?.isConnected) source.focus();
  source = null;
  return true;
}

if (drawer) {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-close-peek]")) return void close();
    if (!plain(event) || !event.detail) return; // detail 0: a key pressed the link, which opens the page
    let link = target.closest<HTMLAnchorElement>("a[data-peek]");
    if (!link && !target.closest("a, button, input, label")) link = target.closest("tbody tr")?.querySelector("a[data-peek]") ?? null;
    clearTimeout(pause);
    if (event.detail > 1) return link ? event.preventDefault() : undefined; // a double click edits the cell
    if (!link || String(getSelection())) return;
    if (target.closest("tbody td") && !target.closest("a") && !narrow()) {
      const goal = link;
      pause = window.setTimeout(() => follow(goal), 200);
      return;
    }
    if (narrow()) return target.closest("a") ? undefined : link.click();
    event.preventDefault();
    follow(link);
  });
  // While it is open it follows the focus through the list.
  document.addEventListener("focusin", (event) => {
    const link = event.target as HTMLAnchorElement;
    if (drawer.hidden || link === source || !link.matches("a[data-peek][data-item]")) return;
    clearTimeout(wait);
    wait = window.setTimeout(() => void (document.activeElement === link && open(link)), 160);
  });
}

// What it shows was changed by somebody.
document.addEventListener("records:changed", (event) => {
  const id = (event as CustomEvent<{ id?: string | null }>).detail?.id;
  const url = source?.dataset.peek;
  if (drawer && !drawer.hidden && url && (!id || url.includes(id))) void load(url, drawer);
});

on("peek", () => {
  const here = document.activeElement;
  const link = here instanceof HTMLTableCellElement ? here.parentElement!.querySelector("a[data-peek]") : here;
  if (!drawer || !(link instanceof HTMLAnchorElement) || !link.dataset.peek) return false;
  if (link === source) close();
  else void open(link);
});
on("back", () => {
  if (document.querySelector(":is(.menu, .nav):popover-open")) return false; // Esc is theirs
  if (close()) return;
  if (!document.querySelector(".record") || !document.referrer.startsWith(location.origin) || history.length < 2) return false;
  history.back();
});
document.addEventListener("click", (event) => {
  const back = (event.target as Element).closest?.("[data-back], [data-history]");
  if (!back || !document.referrer.startsWith(location.origin) || !plain(event)) return;
  event.preventDefault();
  history.back();
});
