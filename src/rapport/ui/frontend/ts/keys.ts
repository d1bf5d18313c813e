// Keys. The list people read (dialog "keys") is also the list this file obeys: data-keys and data-do on its lines.
import { writing } from "./page";

/** Does the deed and returns nothing, or returns false where it does not apply, so that the next may try. */
type Deed = (event: KeyboardEvent) => boolean | void;
type Line = { keys: string[]; verb: string; url?: string };

const deeds = new Map<string, Deed[]>();
const named: Record<string, string> = { " ": "space", arrowup: "↑", arrowdown: "↓", arrowleft: "←", arrowright: "→", escape: "esc" };
const lines: Line[] = [];
let prefix = "";
let forget = 0;

/** A behaviour offers to do a verb of the list. */
export function on(verb: string, deed: Deed): void {
  deeds.set(verb, [...(deeds.get(verb) ?? []), deed]);
}

function spell(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  return (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (named[key] ?? key);
}

function run(line: Line, event: KeyboardEvent): boolean {
  if (line.verb === "go") {
    location.assign(line.url!);
    return true;
  }
  return (deeds.get(line.verb) ?? []).some((deed) => deed(event) !== false);
}

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const key = spell(event);
  const typing = writing(event.target);
  if (typing && (!key.startsWith("ctrl+") || key === "ctrl+z")) return;
  if (document.querySelector("dialog[open]") && key !== "ctrl+k" && key !== "ctrl+enter") return;
  const said = prefix ? `${prefix} ${key}` : key;
  prefix = "";
  clearTimeout(forget);
  for (const line of lines) {
    if (line.keys.includes(said) && run(line, event)) return event.preventDefault();
  }
  if (!typing && lines.some((line) => line.keys.some((each) => each.startsWith(`${said} `)))) {
    prefix = said;
    forget = window.setTimeout(() => (prefix = ""), 1200);
  }
}

const sheet = document.getElementById("keys") as HTMLDialogElement | null;

/** The sheet of all keys, to be searched. */
export function showKeys(): void {
  const field = sheet?.querySelector<HTMLInputElement>("[data-keys-find]");
  if (!sheet || !field) return;
  field.value = "";
  find("");
  sheet.showModal();
}

function find(text: string): void {
  const part = text.trim().toLocaleLowerCase();
  let shown = 0;
  for (const section of sheet!.querySelectorAll<HTMLElement>("section")) {
    const all = section.querySelector("h3")!.textContent!.toLocaleLowerCase().includes(part);
    const fit = [...section.querySelectorAll("li")].filter((line) => !(line.hidden = !all && !line.textContent!.toLocaleLowerCase().includes(part))).length;
    section.hidden = !fit;
    shown += fit;
  }
  sheet!.querySelector<HTMLElement>(".none")!.hidden = shown > 0;
}

export function listen(): void {
  document.documentElement.classList.toggle("mac", /mac|iphone|ipad/i.test(navigator.platform));
  for (const item of sheet?.querySelectorAll<HTMLElement>("[data-keys]") ?? []) {
    const { keys, do: verb, url } = item.dataset;
    lines.push({ keys: keys!.toLowerCase().split(" | "), verb: verb!, url });
  }
  document.addEventListener("keydown", press);
  // Only what the browser itself does nothing with: that has been done.
  const letter = (event: KeyboardEvent) => event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey;
  window.earlyKeys?.().filter(letter).forEach(press);
  on("keys", showKeys);
  sheet?.querySelector("[data-keys-find]")?.addEventListener("input", (event) => find((event.target as HTMLInputElement).value));
  document.querySelector("[data-keys-open]")?.addEventListener("click", showKeys);
}
