// The command palette: finds records, places and deeds while one types. Commands are ranked here, records come from the server.
import type { Kit } from "../palette-door";
import { hits, type Command, type Option, type Section, type Step, section } from "./options";
import { rest, score } from "./rank";

type Told = { words: Record<string, string>; commands: Command[] };
const FEW = 5;
const named = (command: Command, title = command.noun ?? "…"): string => command.label.replace("{}", title);

export class Panel {
  private input: HTMLInputElement;
  private results: HTMLElement;
  private dialog: HTMLDialogElement | null;
  private steps: Step[] = [];
  private mode = "";
  private told?: Told;
  private here: { title: string; commands: Command[] } = { title: "", commands: [] };
  private found: Section[] = [];
  private options = new Map<string, Option>();
  private chosen = "";
  private moved = false;
  private timer = 0;
  private abort?: AbortController;
  private waiting = false;
  private enter = false;

  constructor(private box: HTMLElement, private kit: Kit) {
    this.input = box.querySelector("input")!;
    this.results = box.querySelector(".results")!;
    this.dialog = box.closest("dialog");
    this.results.id ||= this.dialog ? "results" : "found";
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-controls": this.results.id, "aria-autocomplete": "list" })) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("submit", (event) => event.preventDefault());
    this.results.addEventListener("click", (event) => this.clicked(event));
    this.results.addEventListener("pointermove", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option && option.id !== this.chosen) this.mark(option.id, false);
    });
    this.dialog?.addEventListener("close", () => (clearTimeout(this.timer), this.abort?.abort()));
    this.dialog?.addEventListener("cancel", (event) => this.steps.length && (event.preventDefault(), this.back()));
    if (!this.dialog) void this.load().then(() => this.input.value && this.typed());
  }

  /** Shown anew. ``new``: only what can be created. */
  open(mode: string): void {
    this.mode = mode;
    this.steps = [];
    this.found = [];
    this.here = { title: "", commands: [] };
    this.steppedTo();
    // What was typed before all this was there still counts.
    void this.load().then(() => (this.steppedTo(), this.typed()));
    const record = document.querySelector("#peek:not([hidden]) [data-open]")?.getAttribute("href") ?? document.querySelector<HTMLElement>("[data-record]")?.dataset.record;
    if (!record || mode) return;
    void this.kit.get(`/commands${record}`).then((answer) => {
      this.here = JSON.parse(answer);
      if (!this.steps.length) this.draw();
    }).catch(() => undefined);
  }

  private async load(): Promise<void> {
    this.told ??= await this.kit.get(this.box.dataset.commands!).then((answer) => {
      const told: Told = JSON.parse(answer);
      told.commands = [...links(told.commands), ...told.commands];
      return told;
    });
  }

  private say(word: string, ...values: string[]): string {
    return values.reduce((text, value) => text.replace("{}", value), this.told?.words[word] ?? "");
  }

  private get text(): string {
    return this.input.value.trim();
  }

  private get step(): Step | undefined {
    return this.steps.at(-1);
  }

  /** The text changed: commands at once, records when the server has answered. */
  private typed(): void {
    if (!this.told) return;
    clearTimeout(this.timer);
    this.abort?.abort();
    this.moved = this.enter = false;
    const sought = this.step ? (this.step.choices ? "" : this.text) : this.mode ? "" : this.lead?.rest ?? this.text;
    this.waiting = Boolean(sought);
    if (!sought) this.found = [];
    else this.timer = window.setTimeout(() => void this.seek(sought), 120);
    this.draw();
  }

  private async seek(sought: string): Promise<void> {
    this.abort = new AbortController();
    const only = this.step?.command.on ?? [];
    const url = `/search?q=${encodeURIComponent(sought)}${only.length ? `&in=${only.join(",")}` : ""}`;
    const answer = await this.kit.get(url, this.abort.signal).catch(() => null);
    if (answer === null) return;
    this.found = hits(answer, (title) => score(sought, title));
    this.waiting = false;
    this.draw();
    if (this.enter) this.choose(this.options.get(this.chosen));
    else this.kit.announce(this.options.size ? this.say("count", String(this.options.size)) : this.say("none", this.text));
  }

  /** A command whose own words were typed, and what follows them: "call ernst". */
  private get lead(): { command: Command; rest: string } | null {
    for (const command of this.told?.commands ?? []) {
      const left = command.on && rest(this.input.value, command.label.replace("{}", ""), command.words);
      if (left) return { command, rest: left.trim() };
    }
    return null;
  }

  private draw(): void {
    const sections = this.step ? this.stepped() : this.mode ? this.creating() : this.text ? this.matching() : this.resting();
    this.options.clear();
    const made = sections.filter((each) => each.options.length).map((each, at) => section(each, (option) => {
      const id = option.node ? option.id : `q-${at}-${each.options.indexOf(option)}`;
      this.options.set(id, option);
      return id;
    }));
    const none = Object.assign(document.createElement("p"), { className: "none", textContent: this.text ? this.say(this.waiting ? "busy" : "none", this.text) : this.step ? this.say("type") : "" });
    this.results.replaceChildren(...(made.length ? made : [none]));
    this.results.role = made.length ? "listbox" : null;
    this.results.ariaLabel = made.length ? this.input.ariaLabel : null;
    const first = this.text || this.step || this.mode ? this.options.keys().next().value : undefined;
    this.mark(this.moved && this.options.has(this.chosen) ? this.chosen : first ?? "");
  }

  private option(command: Command, points: number, title = ""): Option {
    const url = command.url && title && command.title ? command.url + (command.url.includes("?") ? "&" : "?") + `${command.title}=${encodeURIComponent(title)}` : command.url;
    return { id: "", label: named(command), icon: command.icon, key: command.key, command, url, dialog: command.dialog, score: points };
  }

  /** Options that fit, best first. */
  private fitting(commands: Command[], text = this.text): Option[] {
    const last = this.kit.memory.used();
    return commands.map((command) => {
      const points = score(text, named(command, ""), command.words);
      const at = last.indexOf(command.label);
      return this.option(command, points && points + (at < 0 ? 0 : 5 - at / 4));
    }).filter((each) => each.score).sort((a, b) => b.score - a.score);
  }

  private group(label: string, options: Option[], plus = 0): Section {
    return { label, options, score: Math.max(0, ...options.map((each) => each.score)) + plus };
  }

  private of(kind: string): Command[] {
    return this.told!.commands.filter((each) => each.kind === kind);
  }

  private matching(): Section[] {
    const sections = [
      this.group(this.here.title, this.fitting(this.here.commands).slice(0, 8), 12),
      ...["go", "new", "do", "set"].map((kind) => this.group(this.say(kind), this.fitting(this.of(kind)).slice(0, FEW))),
      ...this.found.filter((each) => each.options.length),
    ];
    const lead = this.lead;
    if (lead) {
      const { command } = lead;
      const fit = this.found.flatMap((each) => each.options).filter((each) => command.on!.includes(each.node!.dataset.entity!));
      sections.push(this.group(this.say("do"), fit.slice(0, FEW).map((each) => ({ ...this.onRecord(command, each), id: "" })), 120));
    }
    sections.sort((a, b) => b.score - a.score);
    if (!lead && !this.waiting) sections.push(this.titled(this.text));
    return sections;
  }

  /** Every form with the typed text as its title; "deal summer" is a deal "summer". */
  private titled(text: string): Section {
    const creates = this.of("new").filter((each) => each.words !== "configuration");
    for (const command of creates) {
      const left = rest(text, command.label) ?? rest(text, command.label.split(" ").slice(1).join(" "));
      if (left) return this.group(this.say("titled", left), [this.option(command, 95, left)]);
    }
    return this.group(this.say("titled", text), creates.map((command) => this.option(command, 20, text)));
  }

  private creating(): Section[] {
    const mine = document.querySelector<HTMLAnchorElement>("a[data-create]")?.getAttribute("href");
    const creates = this.of("new");
    if (!this.text) {
      const own = creates.find((each) => mine?.startsWith(each.url!));
      const options = creates.map((each) => (each === own ? { ...this.option(each, 1), url: mine!, key: "↵" } : this.option(each, 0)));
      return [this.group(this.say("new"), options.sort((a, b) => b.score - a.score))];
    }
    return [this.group(this.say("new"), this.fitting(creates).filter((each) => each.score >= 72)), this.titled(this.text)];
  }

  /** Nothing typed: what can be done with the open record, what was seen and done last. */
  private resting(): Section[] {
    const seen = this.kit.memory.seen().filter((each) => each.url !== location.pathname).slice(0, FEW);
    const all = this.told!.commands;
    const used = this.kit.memory.used().map((label) => all.find((each) => each.label === label)).filter((each): each is Command => Boolean(each)).slice(0, FEW);
    const options = (commands: Command[]) => commands.map((each) => this.option(each, 1));
    return [
      this.group(this.here.title, options(this.here.commands.slice(0, 8))),
      this.group(this.say("recent"), seen.map(({ title, url, icon }) => ({ id: "", label: title, url, icon, score: 1 }))),
      this.group(this.say("often"), options(used)),
      this.group(this.say("go"), options(this.of("go").slice(0, FEW + 1))),
      this.group(this.say("new"), options(this.of("new").slice(0, FEW))),
    ];
  }

  /** A step of an action: its record, or its value. */
  private stepped(): Section[] {
    const { command, choices, label } = this.step!;
    if (choices) return [this.group(label, this.text ? this.fitting(choices) : choices.map((each) => this.option(each, 1)))];
    if (this.text) return this.found.map((each) => ({ ...each, options: each.options.map((option) => this.onRecord(command, option)) }));
    const kinds = new Set(command.on);
    const seen = this.kit.memory.seen().filter((each) => kinds.has(each.url.split("/")[1]!));
    return [this.group(this.say("recent"), seen.map(({ title, url, icon }) => this.onRecord(command, { id: "", label: title, url, icon, score: 1 })))];
  }

  /** A command with its record: an address, or one more step for the value. */
  private onRecord(command: Command, record: Option): Option {
    const base = { ...record, node: undefined, label: named(command, record.label), icon: command.icon, detail: record.node?.querySelector(".end")?.textContent ?? undefined };
    if (!command.verb) return { ...base, command, url: record.url + (command.hash ?? "") };
    return { ...base, url: undefined, step: { label: named(command, record.label), command: { ...command, on: undefined, url: record.url } } };
  }

  private mark(id: string, scroll = true): void {
    this.results.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    const option = id ? document.getElementById(id) : null;
    this.chosen = option ? id : "";
    option?.setAttribute("aria-selected", "true");
    if (scroll) option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  private key(event: KeyboardEvent): void {
    const ids = [...this.options.keys()];
    const at = ids.indexOf(this.chosen);
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const option = this.options.get(this.chosen);
    if (event.isComposing) return;
    if (by && ids.length) {
      event.preventDefault();
      this.moved = true;
      this.mark(ids[at < 0 && by < 0 ? ids.length - 1 : (at + by + ids.length) % ids.length]!);
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      // Records are still on their way: what is meant comes with them, unless a command fits the very words.
      if (this.waiting && !this.moved && (option?.score ?? 0) < 84) this.enter = true;
      else if (option) this.choose(option, event.ctrlKey || event.metaKey);
      else if (this.text && !this.step) location.assign(`/search?q=${encodeURIComponent(this.text)}`);
    } else if (event.key === "Tab" && !event.shiftKey && (option?.step || option?.command?.on)) {
      event.preventDefault();
      this.choose(option);
    } else if (event.key === "Backspace" && !this.input.value && this.steps.length) {
      this.back();
    } else if (event.key === "Escape" && (this.steps.length || this.dialog)) {
      event.preventDefault(); // one step back, then out; a search field alone would only be emptied
      if (this.steps.length) this.back();
      else this.dialog!.close();
    }
  }

  private clicked(event: MouseEvent): void {
    const box = (event.target as Element).closest<HTMLElement>("[role=option]");
    const option = box && this.options.get(box.id);
    if (!option) return;
    if (option.url && !option.step && !option.command?.does) {
      if (option.command) this.kit.memory.use(option.command.label);
      if (!event.ctrlKey && !event.metaKey) this.dialog?.close(); // the link itself does the rest
    } else this.choose(option);
  }

  private choose(option?: Option, apart = false): void {
    this.enter = false;
    if (!option) return;
    const { command, step } = option;
    if (step) return void this.into(step);
    if (command?.on && !option.url) return void this.into({ label: named(command), command });
    if (command) this.kit.memory.use(command.label);
    if (option.url && apart) return void window.open(option.url);
    if (option.url) return document.getElementById(this.chosen)?.click();
    this.dialog?.close();
    if (command?.post) void this.carryOut(command);
    else if (command?.does) this.does(command.does);
  }

  private does(deed: string): void {
    const [name, value = ""] = deed.split(":");
    if (this.kit.deeds[name!]?.(value) === false) this.kit.toast({ text: this.say("nothing") });
    if (name === "copy") this.kit.toast({ text: this.say("copied") });
  }

  /** An action of a record: done, or it asks for what it still needs. */
  private async carryOut({ post, values }: Command): Promise<void> {
    const answer = await this.kit.post(post!, values);
    if (answer.status === 422 && answer.text.includes("<form")) await this.kit.ask(answer.text);
  }

  private async into(step: Step): Promise<void> {
    const { url, verb, label } = step.command;
    if (url && verb) {
      const told = await this.kit.get(`/commands${url}?verb=${verb}`).catch(() => null);
      if (told === null) return void this.kit.toast({ word: "failed", bad: true });
      step.choices = JSON.parse(told).commands;
    }
    this.kit.memory.use(label);
    this.steps.push(step);
    this.input.value = "";
    this.steppedTo();
    this.typed();
  }

  private back(): void {
    this.steps.pop();
    this.input.value = "";
    this.steppedTo();
    this.typed();
  }

  private steppedTo(): void {
    const step = this.step;
    this.found = [];
    this.box.querySelector(".steps")!.textContent = step ? step.label.replace("…", "").trim() : "";
    const hint = step ? this.say(step.choices ? "value" : "record") : this.mode && this.say("title");
    this.input.placeholder = hint || `${this.input.ariaLabel}…`;
  }
}

/** The places of the navigation, as the page has them: whatever stands there can be gone to. */
function links(known: Command[]): Command[] {
  const have = new Set(known.flatMap((each) => [each.url, each.label]));
  const places = [...document.querySelectorAll<HTMLAnchorElement>(".nav li > a[href]")].map((link) => ({ link, label: link.querySelector(".label")!.textContent! }));
  return places.filter(({ link, label }) => !have.has(link.getAttribute("href")!) && !have.has(label)).map(({ link, label }) => ({
    kind: "go", label, url: link.getAttribute("href")!, icon: link.querySelector("use")?.getAttribute("href")?.split("#")[1] ?? "circle",
  }));
}
