// The queue of duplicates by keys: m merges the pair one stands on, d says that they are two; then one stands on the next.
import { on } from "./keys";

function press(part: string): boolean | void {
  const row = document.activeElement?.closest<HTMLElement>("[data-pair]") ?? document.querySelector<HTMLElement>("[data-pair]");
  const button = row?.querySelector<HTMLElement>(part);
  if (!row || !button) return false;
  const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector<HTMLElement>("[data-item]");
  new MutationObserver((_changes, eyes) => {
    if (row.isConnected) return;
    eyes.disconnect();
    next?.focus();
  }).observe(row.parentElement!, { childList: true });
  button.click();
}

on("merge", () => press("[data-merge]"));
on("dismiss", () => press("[data-dismiss-pair]"));
