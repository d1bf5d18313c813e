// Small things every behaviour needs: words from the server, announcements, visibility.

const words: Record<string, string> = JSON.parse(document.body.dataset.words || "{}");

/** A sentence of the server with its %(names)s filled in. */
export function say(name: string, values: Record<string, string> = {}): string {
  return (words[name] ?? name).replace(/%\((\w+)\)s/g, (_, key) => values[key] ?? "");
}

/** Tells those who listen instead of look. */
export function announce(text: string): void {
  const region = document.getElementById("announce");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}

export const narrow = (): boolean => matchMedia("(width <= 760px)").matches;
export const still = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** True while someone writes, so that letters are letters and not commands. */
export function writing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

/** A click that asks for a new tab or window is the browser's. */
export const plain = (event: MouseEvent): boolean =>
  event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
