// <toast-region>: says what was done and offers to undo it. Listens for "toast"; `z` undoes the latest.
// A toast with an `id` replaces the one of that id; with `total` it shows how far a job is and stays until `done` reaches it.
import { on } from "./keys";
import { announce, say } from "./page";
import { post, type Toast } from "./wire";

const MOST = 3;
const undoable: string[] = [];

async function undo(url: string): Promise<void> {
  if (undoable.includes(url)) undoable.splice(undoable.indexOf(url), 1);
  document.querySelectorAll(`[data-undo="${CSS.escape(url)}"]`).forEach((each) => each.remove());
  await post(url);
}

/** Takes back the newest deed that can be; false when there is none. */
export function undoLast(): boolean | void {
  const url = undoable.at(-1);
  return url ? void undo(url) : false;
}

function button(label: string, deed: () => void, className = ""): HTMLButtonElement {
  const made = Object.assign(document.createElement("button"), { type: "button", className, textContent: label });
  made.addEventListener("click", deed);
  return made;
}

class ToastRegion extends HTMLElement {
  private timers = new Map<HTMLElement, { left: number; since: number; timer: number }>();

  connectedCallback(): void {
    this.popover = "manual"; // in the top layer, so above an open dialog
    document.addEventListener("toast", (event) => this.show((event as CustomEvent<Toast>).detail));
    // Nothing goes while one looks at it or stands in it.
    for (const [event, deed] of [["pointerenter", "hold"], ["focusin", "hold"], ["pointerleave", "run"], ["focusout", "run"]] as const) this.addEventListener(event, () => this[deed]());
    this.addEventListener("keydown", (event) => {
      const box = (event.target as Element).closest<HTMLElement>(".toast");
      if (event.key !== "Escape" || !box) return;
      event.stopPropagation();
      this.drop(box);
    });
  }

  private show({ id, text, word, undo: url, url: link, tone, bad = tone === "bad", done = 0, total }: Toast): void {
    const words = text ?? say(word ?? "failed");
    const old = id ? document.getElementById(`toast-${id}`) : null;
    const running = total !== undefined && done < total;
    const box = document.createElement("div");
    if (id) box.id = `toast-${id}`;
    box.className = `toast${bad ? " bad" : ""}${running ? " running" : ""}`;
    const line = document.createElement("p");
    line.textContent = words;
    box.append(line);
    if (running) box.append(Object.assign(document.createElement("progress"), { value: done, max: total, ariaLabel: words }));
    if (link) box.append(Object.assign(document.createElement("a"), { href: link, textContent: say("open") }));
    if (url) {
      undoable.push((box.dataset.undo = url));
      const back = button(say("undo"), () => void undo(url));
      back.append(Object.assign(document.createElement("kbd"), { textContent: "z" }));
      box.append(back);
    }
    const close = button("", () => this.drop(box), "close");
    close.ariaLabel = say("dismiss");
    box.append(close);
    if (old) this.forget(old as HTMLElement);
    if (old) old.replaceWith(box);
    else this.append(box);
    this.thin();
    if (!this.contains(document.activeElement)) this.raise();
    if (!old || !running) announce(url ? `${words}. ${say("undo")}: Z` : words);
    if (!bad && !running) this.expire(box, url || link ? 10_000 : 5_000);
  }

  /** Again on top of whatever has opened since. */
  private raise(): void {
    this.hidePopover();
    this.showPopover();
  }

  /** At most three: the oldest goes first, an error or a running job only when there is nothing else. */
  private thin(): void {
    while (this.children.length > MOST) this.drop((this.querySelector(".toast:not(.bad, .running)") ?? this.firstElementChild) as HTMLElement);
  }

  private forget(box: HTMLElement): void {
    clearTimeout(this.timers.get(box)?.timer);
    this.timers.delete(box);
  }

  private drop(box: HTMLElement): void {
    this.forget(box);
    box.remove();
    if (!this.childElementCount) this.hidePopover();
  }

  private expire(box: HTMLElement, left: number): void {
    const timer = this.matches(":hover, :focus-within") ? 0 : window.setTimeout(() => this.drop(box), left);
    this.timers.set(box, { left, since: performance.now(), timer });
  }

  private hold(): void {
    for (const [box, { left, since, timer }] of this.timers) {
      if (!timer) continue;
      clearTimeout(timer);
      this.timers.set(box, { left: Math.max(1_000, left - (performance.now() - since)), since, timer: 0 });
    }
  }

  private run(): void {
    queueMicrotask(() => {
      if (!this.matches(":hover, :focus-within")) for (const [box, { left, timer }] of this.timers) if (!timer) this.expire(box, left);
    });
  }
}
customElements.define("toast-region", ToastRegion);

on("undo", undoLast);
