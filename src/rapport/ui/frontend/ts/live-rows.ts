// Rows on screen follow what happens to their records ("records:changed", with {entity, id} or for anything), each by
// itself: place, focus and selection stay. What is new says so in a pill.
import { list, visit } from "./visits";
import { get } from "./wire";

const ids = new Set<string>();
const fresh = new Set<string>();
const page = 50;
let anything = false;
let wait = 0;

const rows = (): HTMLTableRowElement[] => [...document.querySelectorAll<HTMLTableRowElement>("#rows > tr[id]")];
const key = (row: Element): string => row.id.slice(4);
const held = (row: Element): boolean => !!row.querySelector(".writing");

function near(): string[] {
  const box = document.querySelector("key-list")!.getBoundingClientRect();
  return rows().filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return !row.hidden && bottom > box.top - 200 && top < box.bottom + 200;
  }).slice(0, 200).map(key);
}

function address(part: string, more: Record<string, string>): string {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  return `/${list()!.dataset.plural}${part}?${query}`;
}

function read(text: string): HTMLTableRowElement[] {
  const made = document.createElement("template");
  made.innerHTML = text;
  return [...made.content.querySelectorAll<HTMLTableRowElement>("tr[id]")];
}

const morph = (target: Element, text: string, swap: string): Promise<void> =>
  window.htmx.swap({ text, sourceElement: target, target, swap } as never) as unknown as Promise<void>;

// An answer that a later question has overtaken says nothing about its rows any more.
const turns = new Map<string, number>();
let turn = 0;

async function ask(asked: string[], url: string): Promise<{ text: string | null; still: string[] }> {
  const mine = ++turn;
  for (const each of asked) turns.set(each, mine);
  const text = await get(url).catch(() => null);
  const still = asked.filter((each) => turns.get(each) === mine);
  for (const each of still) turns.delete(each);
  return { text, still };
}

/** Reads these rows again: some change, some no longer belong here, some are new. */
async function renew(asked: string[]): Promise<void> {
  const { text, still } = await ask(asked, address("/rows", { ids: asked.join() }));
  if (text === null) return;
  const found = new Map(read(text).map((row) => [row.id, row]));
  for (const each of still) {
    const [old, now] = [document.getElementById(`row-${each}`), found.get(`row-${each}`)];
    if (old?.hidden && now) now.hidden = true; // folded away with its group
    if (old && now && held(old)) beside(old as HTMLTableRowElement, now);
    else if (old && now) await morph(old, now.outerHTML, "outerMorph");
    else if (old && !held(old)) leave(old);
    else if (now) fresh.add(each);
  }
  tell();
}

/** While a cell is being written in, the others follow; the first keeps what the keys have put on it. */
function beside(row: HTMLTableRowElement, now: HTMLTableRowElement): void {
  for (const cell of [...row.cells].slice(1)) if (!cell.matches(".writing")) cell.replaceChildren(...now.cells[cell.cellIndex]!.childNodes);
}

function leave(row: HTMLElement): void {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const focused = row.contains(document.activeElement);
  row.remove();
  if (focused) next?.querySelector<HTMLElement>("[data-item]")?.focus();
}

/** After a deed of one's own: a short list anew as a whole, a long one where it is looked at. */
async function renewAll(): Promise<void> {
  if (document.querySelector("#rows[data-groups]")) return void (await renew(near())); // its groups are read by themselves
  const asked = rows().map(key);
  const { text, still } = await ask(asked, address("", { part: "rows" }));
  if (text === null || !list()) return;
  const known = new Set(rows().map((row) => row.id));
  if (known.size <= page && still.length === asked.length && !rows().some(held)) {
    const selected = new Set([...document.querySelectorAll<HTMLInputElement>("#rows :checked")].map((box) => box.value));
    await morph(document.getElementById("rows")!, text, "innerMorph");
    for (const box of document.querySelectorAll<HTMLInputElement>("#rows [name=id]")) box.checked = selected.has(box.value);
    return;
  }
  for (const row of read(text)) if (!known.has(row.id)) fresh.add(key(row));
  await renew(near());
}

function tell(): void {
  const here = list();
  here?.querySelector(".fresh")?.remove();
  for (const each of fresh) if (document.getElementById(`row-${each}`)) fresh.delete(each);
  if (!here || !fresh.size) return;
  const pill = Object.assign(document.createElement("button"), { type: "button", className: "fresh", textContent: here.dataset.fresh!.replace("{}", String(fresh.size)) });
  pill.addEventListener("click", () => {
    fresh.clear();
    void visit(location.pathname + location.search, { push: false });
  });
  document.querySelector("#notice")?.after(pill);
}

export function refresh(id: string): void {
  ids.add(id);
  clearTimeout(wait);
  wait = window.setTimeout(flush, 120);
}

function flush(): void {
  const [asked, all] = [[...ids], anything];
  ids.clear();
  anything = false;
  if (!list()) return;
  if (all) void renewAll();
  else if (asked.length) void renew(asked.slice(0, 200));
}

document.addEventListener("records:changed", (event) => {
  const { entity, id, changes = [{ entity, id }] } = (event as CustomEvent).detail ?? {};
  const here = list();
  if (!here) return;
  for (const each of changes) {
    if (each.entity && each.entity !== here.dataset.entity) continue;
    const key = each.id && String(each.id).replaceAll("-", "");
    if (each.verb === "rolled_up" && !document.getElementById(`row-${key}`)) continue; // it came from another record
    if (each.entity && key) ids.add(key);
    else anything = true;
  }
  clearTimeout(wait);
  wait = window.setTimeout(flush, 120);
});
