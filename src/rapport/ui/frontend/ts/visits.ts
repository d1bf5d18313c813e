// The list changes in place: a[data-visit] loads it as that address says, which the address bar then shows.
import { plain } from "./page";

type Swap = "innerHTML" | "innerMorph";
export const list = (): HTMLElement | null => document.getElementById("list");

/** Shows the list of an address; the way across wide columns is kept, the way down starts anew. */
export async function visit(url: string, { swap = "innerHTML", push = true }: { swap?: Swap; push?: boolean } = {}): Promise<void> {
  const here = list();
  if (!here) return location.assign(url);
  const across = here.querySelector(".scroll")?.scrollLeft ?? 0;
  const history = push ? { push: url } : { replace: url };
  await window.htmx.ajax("GET", url, { source: here, target: here, swap, ...history } as never);
  const scroll = here.querySelector(".scroll");
  if (scroll && across) scroll.scrollLeft = across;
}

document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[data-visit]");
  if (!link || !list()) return;
  const further = event.shiftKey && link.dataset.add;
  if (!further && !plain(event)) return;
  event.preventDefault();
  void visit(further || link.href);
});
