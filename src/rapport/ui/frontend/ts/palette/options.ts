// What the palette is given (commands) and what it shows (sections of options).

/** As the server tells it; see Command in shell/commands.py. */
export type Command = {
  kind: string; label: string; icon: string; words?: string; key?: string; url?: string; dialog?: boolean; title?: string; does?: string;
  on?: string[]; hash?: string; verb?: string; noun?: string; post?: string; values?: Record<string, string>;
};
export type Step = { label: string; command: Command; choices?: Command[] };
export type Option = { id: string; label: string; icon?: string; detail?: string; key?: string; command?: Command; step?: Step; url?: string; dialog?: boolean; node?: HTMLElement; score: number };
export type Section = { label: string; options: Option[]; score: number };

let sprite: string | undefined;

function icon(name: string): SVGElement {
  sprite ??= document.querySelector("use")!.getAttribute("href")!.split("#")[0];
  const holder = document.createElement("template");
  holder.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${sprite}#${CSS.escape(name)}"/></svg>`;
  return holder.content.firstElementChild as SVGElement;
}

function text(tag: string, className: string, words: string): HTMLElement {
  return Object.assign(document.createElement(tag), { className, textContent: words });
}

/** "g d" as two keys, "Ctrl+K" with the sign that this machine has for Ctrl. */
function keys(said: string): HTMLElement {
  const box = text("span", "end keys-hint", "");
  for (const part of said.split(" ")) {
    const key = text("kbd", "", part.replace("Ctrl+", ""));
    if (part.startsWith("Ctrl+")) key.prepend(text("span", "mod", ""));
    box.append(key);
  }
  return box;
}

/** The line of an option: a link wherever it has an address, so that the browser's own ways with links work. */
export function line(option: Option): HTMLElement {
  if (option.node) return option.node;
  const box = document.createElement(option.url ? "a" : "div");
  box.className = "option";
  if (box instanceof HTMLAnchorElement) box.href = option.url!;
  if (option.dialog) box.dataset.dialog = "";
  if (option.icon) box.append(icon(option.icon));
  box.append(text("span", "clip", option.label));
  if (option.detail) box.append(text("span", "end", option.detail));
  if (option.key) box.append(keys(option.key));
  else if (option.step || (option.command?.on && !option.url)) box.append(keys("Tab"));
  box.role = "option";
  return box;
}

export function section({ label, options }: Section, id: (option: Option) => string): HTMLElement {
  const group = text("div", "group", "");
  group.role = "group";
  group.ariaLabel = label;
  const heading = text("p", "label", label);
  heading.ariaHidden = "true";
  group.append(heading);
  for (const option of options) {
    const box = line(option);
    box.id = id(option);
    box.ariaSelected = "false";
    group.append(box);
  }
  return group;
}

/** The server's hits, as sections. */
export function hits(html: string, fits: (title: string) => number): Section[] {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return [...holder.content.querySelectorAll<HTMLElement>(".group")].map((group) => {
    const options = [...group.querySelectorAll<HTMLAnchorElement>(".option")].map((node) => ({
      id: node.id, label: node.dataset.title!, url: node.getAttribute("href")!, node, score: fits(node.dataset.title!),
    }));
    return { label: group.ariaLabel!, options, score: Math.max(...options.map((each) => (each.score ? Math.min(each.score, 90) : 55))) };
  });
}
