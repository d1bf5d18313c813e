// The list changes in place: a[data-visit] loads it as that address says, which the address bar then shows.
import { plain } from "./page";

type Swap = "innerHTML" | "innerMorph";
export const list = (): HTMLElement | null => document.getElementById("list");

/** Shows the list of an address; the way across wide columns is kept, the way down starts anew. */
export async function visit(url: string, { swap = "innerHTML", push = true }: { swap?: Swap; push?: boolean } = {}): Promise<void> {
  const here = list();
  if (!here) return location.assign(url);
  const find = here.querySelector<HTMLInputElement>("[data-find]");
  const sought = find?.value;
  const across = here.querySelector(".scroll")?.scrollLeft ?? 0;
  const history = push ? { push: url } : { replace: url };
  await window.htmx.ajax("GET", url, { source: here, target: here, swap, ...history } as never);
  const scroll = here.querySelector(".scroll");
  if (scroll && across) scroll.scrollLeft = across;
  const anew = here.querySelector<HTMLInputElement>("[data-find]");
  if (!find || !anew || find === anew || find.value === sought) return;
  anew.value = find.value; // typed while the list was on its way
  anew.focus();
  anew.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[data-visit]");
  if (!link || !list()) return;
  const further = event.shiftKey && link.dataset.add;
  if (!further && !plain(event)) return;
  event.preventDefault();
  void visit(further || link.href);
});

// One place is where the reader is: a view that has just been pinned, not the list it stands on.
document.addEventListener("htmx:after:swap", () => {
  const places = [...document.querySelectorAll("#nav ul a[aria-current]")];
  if (places.some((each) => each.closest("#pinned"))) for (const each of places) if (!each.closest("#pinned")) each.removeAttribute("aria-current");
});
