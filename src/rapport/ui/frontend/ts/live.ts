// What others change appears here. One stream per page says which records changed; screens hear "records:changed" with
// {entity, id, version, operation, verb, changes} and fetch what they show. A null id: several or many changed, read anew;
// "changes" names them one by one where they are known. One's own deeds say "records:changed" without any of this.
import { announce, say } from "./page";
import { deeds, dispatch } from "./wire";

type Change = { entity: string | null; id: string | null; version?: number; operation?: string | null; verb?: string };
export type Changes = Change & { changes: Change[] };

const CALM = 3_000; // between two readings that only know that much has changed
const HIDDEN = 60_000; // a tab that nobody looks at lets go of its stream: a browser has few
const SILENT = 45_000; // the server says something every 15 seconds
const OTHERS = 3; // so many tabs looked at since: let go at once

const held = () => document.querySelector(".sortable-chosen, key-list :checked, key-list edit-cell.editing");

let topics = document.querySelector<HTMLMetaElement>('meta[name="live"]')?.content;
let source: EventSource | undefined;
let last = "";
let heard = 0;
let tries = 0;
let again = 0;
let others = 0;

function open(): void {
  if (source || !topics || document.hidden) return;
  clearTimeout(again);
  again = 0;
  heard = Date.now();
  source = new EventSource(`/live?topics=${encodeURIComponent(topics)}${last && `&after=${last}`}`);
  source.addEventListener("error", () => source?.readyState === EventSource.CLOSED && refused());
  on("beat", () => (tries = 0));
  on<string>("topics", (text) => (topics = text));
  on("here", (place) => dispatch("records:here", place));
  on("reset", () => take({ entity: null, id: null }));
  on("change", take);
}

function on<T>(name: string, work: (data: T) => unknown): void {
  source!.addEventListener(name, (event) => {
    heard = Date.now();
    last = event.lastEventId || last;
    work(JSON.parse(event.data));
  });
}

function close(): void {
  source?.close();
  source = undefined;
}

/** The server did not let us in: too busy, restarting, or we are signed out. */
function refused(): void {
  close();
  if (tries < 8) again = window.setTimeout(open, 1_000 * 2 ** tries++ * (1 + Math.random()));
}

let waiting: Change[] = [];
let timer = 0;
const readAt = new Map<string | null, number>();

function take(change: Change): void {
  waiting.push(change);
  timer ||= window.setTimeout(flush, 30);
}

/** Hands on what came, in one go; not while one's own deed is under way (it comes back, too) or a card is being dragged. */
function flush(): void {
  timer = 0;
  const foreign = waiting.filter(({ operation }) => !operation || !deeds.done.has(operation));
  const busy = deeds.running || held();
  const ready = ({ entity, id }: Change) => !busy && (id || Date.now() - (readAt.get(entity) ?? 0) >= CALM);
  waiting = foreign.filter((change) => !ready(change));
  if (waiting.length) timer = window.setTimeout(flush, deeds.running ? 50 : 400);
  const changes = foreign.filter(ready).filter((change) => !standing(change));
  if (!changes.length) return;
  const ids = new Set(changes.map(({ id }) => id));
  const change = ids.size === 1 ? changes.at(-1)! : { entity: changes[0]!.entity, id: null };
  for (const { entity, id } of changes) if (!id) readAt.set(entity, Date.now());
  dispatch("records:changed", { ...change, changes });
  tell();
}

let told = 0;
function tell(): void {
  if (Date.now() - told < 20_000) return;
  told = Date.now();
  announce(say("updated"));
}

/** The record this page is about has been binned, or taken out of sight: said calmly, and nothing is read anew. */
function standing({ entity, id, verb }: Change): boolean {
  const page = document.querySelector<HTMLElement>("[data-topic]");
  const notice = document.getElementById("gone");
  if (!page || !notice) return false;
  if (page.dataset.topic !== `${entity}:${id}`) return !notice.hidden; // what has gone cannot be read anew
  if (verb !== "binned" && verb !== "hidden") return !notice.hidden && verb !== "restored";
  withdraw(verb);
  return true;
}

/** Says calmly why this page is not read anew: what is being written in it stays. */
export function withdraw(why: "binned" | "hidden" | "closed"): void {
  const notice = document.getElementById("gone");
  if (!notice) return;
  notice.hidden = false;
  for (const line of notice.querySelectorAll<HTMLElement>("[data-when]")) line.hidden = line.dataset.when !== why;
}

const tabs = "BroadcastChannel" in window ? new BroadcastChannel("rapport:live") : undefined;
let leave = 0;
function looked(): void {
  clearTimeout(leave);
  others = 0;
  if (document.hidden) leave = window.setTimeout(close, HIDDEN);
  else {
    tabs?.postMessage("");
    open();
  }
}

if (topics) {
  tabs?.addEventListener("message", () => document.hidden && ++others >= OTHERS && close());
  document.addEventListener("visibilitychange", looked);
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && looked());
  addEventListener("online", () => {
    close();
    open();
    take({ entity: null, id: null }); // what was read meanwhile did not arrive
  });
  setInterval(() => {
    if (source && Date.now() - heard > SILENT) close();
    if (!again) open();
  }, 10_000);
  looked();
}
