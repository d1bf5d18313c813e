// <edit-cell>: a value and, in its place, its editor. Enter saves, Esc cancels, leaving it saves what changed;
// text that was refused stays until the writer decides.
import { on } from "./keys";
import type { Changes } from "./live";
import { get } from "./wire";

const focusable = ".input, [role=combobox], [type=checkbox]";

class EditCell extends HTMLElement {
  private original = "";
  private heard = (event: Event) => void this.hear((event as CustomEvent<Partial<Changes>>).detail);
  private sending = false;
  private eyes = new MutationObserver(() => this.look());

  connectedCallback(): void {
    this.eyes.observe(this, { childList: true });
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("click", (event) => this.pressed(event.target as Element));
    document.addEventListener("records:changed", this.heard);
    this.addEventListener("submit", () => (this.sending = true));
    this.addEventListener("htmx:finally:request", () => this.answered());
    this.addEventListener("focusout", () => setTimeout(() => this.leave()));
    if (this.form) this.start();
  }

  disconnectedCallback(): void {
    this.eyes.disconnect();
    document.removeEventListener("records:changed", this.heard);
  }

  private get form(): HTMLFormElement | null {
    return this.querySelector("form[data-editor]");
  }

  private values(): string {
    return this.form ? new URLSearchParams(new FormData(this.form) as never).toString() : "";
  }

  private look(): void {
    if (this.form) this.start();
    else if (this.classList.contains("editing")) {
      this.classList.remove("editing");
      this.removeAttribute("hx-morph-skip");
      const lost = !document.activeElement || document.activeElement === document.body;
      if (lost) this.querySelector<HTMLElement>("[data-edit]")?.focus();
    }
  }

  private start(): void {
    this.classList.add("editing");
    this.setAttribute("hx-morph-skip", ""); // a refresh of the card must not take the pen away
    this.original = this.values();
    const control = this.querySelector<HTMLInputElement>(focusable);
    control?.focus();
    if (control instanceof HTMLInputElement && /text|email|tel|url|search/.test(control.type)) control.select();
  }

  private key(event: KeyboardEvent): void {
    if (!this.form || event.defaultPrevented) return;
    const long = event.target instanceof HTMLTextAreaElement;
    if (event.key === "Escape") {
      event.preventDefault();
      this.querySelector<HTMLElement>("[data-cancel]")?.click();
    } else if (event.key === "Enter" && (long ? event.ctrlKey || event.metaKey : /^(INPUT|SELECT)$/.test((event.target as Element).tagName))) {
      event.preventDefault();
      this.form.requestSubmit();
    }
  }

  /** The record changed elsewhere while this field is open: if it was this field, say by whom and to what. */
  private async hear({ id, changes }: Partial<Changes>): Promise<void> {
    const form = this.form;
    const url = form?.getAttribute("action");
    if (!form || !url || !changes || (id && !url.includes(id))) return;
    const version = form.querySelector<HTMLInputElement>("[name=version]")!.value;
    const told = await get(`${url}?since=${version}`).catch(() => "");
    if (!told || this.form !== form) return;
    form.querySelectorAll(".clash, footer").forEach((each) => each.remove());
    form.insertAdjacentHTML("beforeend", told);
    window.htmx.process(form);
  }

  /** What is given up is not written in any more, nor saved, however long the answer takes. */
  private pressed(target: Element): void {
    if (target.closest("[data-cancel]") && this.form) this.form.inert = true;
    else this.overwrite(target);
  }

  private answered(): void {
    this.sending = false;
    if (this.form) this.form.inert = false; // no answer: it is still here to be written in
  }

  /** Both values have been seen: saved as a change of the newer one. Enter alone still asks once more. */
  private overwrite(target: Element): void {
    const version = target.closest<HTMLElement>("[data-overwrite]")?.dataset.overwrite;
    if (!version) return;
    this.form!.querySelector<HTMLInputElement>("[name=version]")!.value = version;
    this.form!.requestSubmit();
  }

  /** Tapping elsewhere keeps what was typed: changed text is saved, untouched text is put back. */
  private leave(): void {
    if (!this.form || this.form.inert || this.sending || !document.hasFocus() || this.contains(document.activeElement)) return;
    if (this.values() !== this.original) {
      this.original = this.values();
      this.form.requestSubmit();
    } else if (!this.querySelector(".error, .clash")) {
      this.querySelector<HTMLElement>("[data-cancel]")?.click();
    }
  }
}
customElements.define("edit-cell", EditCell);

on("edit", () => {
  const cell = document.activeElement?.closest("edit-cell")?.querySelector<HTMLElement>("[data-edit]");
  const first = cell ?? document.querySelector<HTMLElement>("#card [data-edit]");
  return first ? first.click() : false;
});
