// How the page talks to the server: htmx set up once, and the few requests that scripts make themselves.
import htmx from "htmx.org";

const csrf = (): string => document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";

// Errors that are fragments (412, 422) are swapped; other errors say so in a toast and leave the page alone.
htmx.config.noSwap = [204, 304, "40x", 413, 415, 429, "5xx"] as unknown as number[];
htmx.config.history = "reload" as unknown as boolean;
// A row that is read again keeps what scripts have put on it; what somebody has unfolded stays unfolded.
htmx.config.morphIgnore = ["data-htmx-powered", "tabindex", "data-calm", "data-open", "open"] as never;
htmx.config.defaultSettleDelay = 0; // settling copies style attributes, which the content policy forbids

/** This page's own writes: how many are under way, and the operations they were; live changes come back with these. */
export const deeds = { running: 0, done: new Set<string>() };
const write = (request: { method: string }) => request.method !== "GET";

function done(headers?: Headers): void {
  for (const operation of headers?.get("Rapport-Operation")?.split(",") ?? []) deeds.done.add(operation);
}

/** The address of this page; what the reader has unfolded in a part of it ([data-state]) stays unfolded. */
function here(element: Element): string {
  const url = new URL(location.href);
  const part = element.querySelector<HTMLElement>("[data-state]");
  for (const [name, value] of new URLSearchParams(part?.dataset.state)) url.searchParams.set(name, value);
  if (part) url.searchParams.set("shown", String(part.querySelectorAll(".event").length));
  return url.pathname + url.search;
}

let running = 0;
const busy = (step: number) => document.documentElement.classList.toggle("busy", (running += step) > 0);

document.addEventListener("htmx:config:request", (event) => {
  const { request, sourceElement } = event.detail.ctx;
  request.headers["X-CSRFToken"] = csrf();
  // What refreshes itself asks for what the address says now, not for what it said when the page came.
  if (sourceElement.matches("[data-here]") && request.method === "GET") request.action = here(sourceElement);
});
document.addEventListener("htmx:before:request", (event) => {
  busy(1);
  if (write(event.detail.ctx.request)) deeds.running++;
});
document.addEventListener("htmx:finally:request", (event) => {
  busy(-1);
  if (write(event.detail.ctx.request)) deeds.running--;
  done(event.detail.ctx.response?.raw?.headers);
});
document.addEventListener("htmx:before:swap", (event) => {
  const raw = event.detail.ctx.response?.raw;
  // A redirect means another page (a saved form, a sign-in that ran out): go there instead of swapping it in.
  if (raw?.redirected) {
    event.preventDefault();
    dispatch("rapport:leaving");
    location.assign(raw.url);
  }
});
document.addEventListener("htmx:response:error", (event) => {
  const { status, raw } = event.detail.ctx.response!;
  if (status === 401) location.reload();
  else if (status !== 412 && status !== 422 && !raw.headers.get("HX-Trigger")?.includes("toast")) toast({ word: "failed", bad: true });
});
document.addEventListener("htmx:error", (event) => {
  const { error } = (event as CustomEvent).detail;
  if (error instanceof TypeError) toast({ word: "offline", bad: true });
});

export type Toast = { id?: string; done?: number; total?: number; text?: string; word?: string; undo?: string | null; url?: string | null; bad?: boolean; tone?: string };
/** `version`: of the record that was changed, where the answer names it; 0 elsewhere. */
export type Answer = { ok: boolean; status: number; text: string; version: number };

export const dispatch = (name: string, detail: unknown = {}): boolean => document.dispatchEvent(new CustomEvent(name, { detail }));
export const toast = (detail: Toast): boolean => dispatch("toast", detail);

/** Fetches a fragment as htmx would, for scripts that place it themselves. */
export async function get(url: string, signal?: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal, headers: { "HX-Request": "true", Accept: "text/html" } });
  if (!response.ok) throw new Error(String(response.status));
  return response.text();
}

/** Posts values and carries out the answer's HX-Trigger; never throws. */
export async function post(url: string, values: Record<string, string> | URLSearchParams = {}): Promise<Answer> {
  busy(1);
  deeds.running++;
  try {
    const headers = { "HX-Request": "true", "X-CSRFToken": csrf(), Accept: "text/html" };
    const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(values) });
    if (response.status === 401 || response.redirected) location.reload();
    const text = await response.text();
    done(response.headers);
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    const triggers = response.headers.get("HX-Trigger");
    if (triggers?.startsWith("{")) for (const [name, detail] of Object.entries(JSON.parse(triggers))) dispatch(name, detail);
    return { ok: response.ok, status: response.status, text, version: Number(response.headers.get("Rapport-Version")) };
  } catch {
    toast({ word: "offline", bad: true });
    return { ok: false, status: 0, text: "", version: 0 };
  } finally {
    busy(-1);
    deeds.running--;
  }
}

/** Swaps in the parts of an answer that name their own place (hx-swap-oob). */
export function place(text: string): Promise<void> {
  return htmx.swap({ text, sourceElement: document.body, target: document.body, swap: "none" } as never);
}

/** Loads a fragment into an element. The element is the source, so its own hx-sync counts. */
export function load(url: string, into: HTMLElement): Promise<void> {
  return htmx.ajax("GET", url, { source: into, target: into, swap: "innerHTML" } as never) as Promise<void>;
}
