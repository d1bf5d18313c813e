// Opens the command palette at once; what it can do comes a moment later, for reading a page needs none of it.
import { ask } from "./dialogs";
import { on, showKeys } from "./keys";
import { announce, plain } from "./page";
import { forget, see, seen, use, used } from "./palette/memory";
import type { Panel } from "./palette/panel";
import { fold, setTheme } from "./settings";
import { undoLast } from "./toasts";
import { get, post, toast } from "./wire";

const dialog = document.getElementById("search") as HTMLDialogElement | null;

/** The rest of the page as the palette needs it; handed over, so that the first bundle stays one file. */
export const kit = {
  announce, ask, get, post, toast,
  memory: { seen, used, use },
  deeds: {
    theme: setTheme,
    fold,
    keys: showKeys,
    undo: undoLast,
    copy: () => void navigator.clipboard?.writeText(location.href),
    "sign-out": () => document.querySelector<HTMLFormElement>('form[action="/sign-out"]')?.requestSubmit(),
  } as Record<string, (value: string) => unknown>,
};
export type Kit = typeof kit;

if (document.body.dataset.recent) see(JSON.parse(document.body.dataset.recent));
document.addEventListener("submit", (event) => (event.target as HTMLFormElement).matches('[action="/sign-out"]') && forget());

class QuickSearch extends HTMLElement {
  panel?: Panel;
  private coming?: Promise<Panel>;

  connectedCallback(): void {
    if (this.hasAttribute("data-page")) void this.ready();
  }

  ready(): Promise<Panel> {
    return (this.coming ??= import("./palette/panel").then(({ Panel }) => (this.panel = new Panel(this, kit))));
  }
}
customElements.define("quick-search", QuickSearch);

async function open(mode = ""): Promise<void> {
  const box = dialog?.querySelector<QuickSearch>("quick-search");
  if (!dialog || !box || dialog.open) return;
  const input = dialog.querySelector("input")!;
  box.querySelector(".results")!.replaceChildren();
  input.value = "";
  dialog.showModal(); // before anything is fetched, so that no key is lost
  input.focus();
  (box.panel ?? (await box.ready())).open(mode);
}

// In a list, "/" searches the list.
on("search", (event) => (event.key === "/" && document.querySelector("[data-find]") ? false : void open()));
on("find", (event) => (event.key === "/" ? void open() : false)); // where no list is
on("create", () => void open("new"));
document.addEventListener("click", (event) => {
  if (!dialog) return;
  if ((event.target as Element).closest?.("a[data-search]") && plain(event)) {
    event.preventDefault();
    void open();
  } else if (event.target === dialog) dialog.close(); // the veil around it
});
