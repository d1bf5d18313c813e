// <tag-box>: a select of several as chips and a field that finds further ones. `data-create` names a new one ("Create “{}”").
import { ComboBox } from "./combo-box";

class TagBox extends ComboBox {
  private chips = document.createElement("span");

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.contains(this.chips)) return;
    this.chips.className = "chips";
    this.input.before(this.chips);
    this.chips.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
    this.chips.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("button");
      if (button) this.drop(button.dataset.value!);
    });
    this.draw();
  }

  protected override get chosen(): string {
    return "";
  }

  private draw(): void {
    this.chips.replaceChildren(...[...this.select.selectedOptions].map(({ value, text }) => {
      const chip = Object.assign(document.createElement("span"), { className: "chip tag", textContent: text });
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: "×", ariaLabel: this.dataset.remove!.replace("{}", text) });
      button.dataset.value = value;
      chip.append(button);
      return chip;
    }));
  }

  private changed(): void {
    this.draw();
    this.select.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private drop(value: string): void {
    [...this.select.options].filter((each) => each.value === value).forEach((each) => (each.selected = false));
    this.changed();
  }

  protected override local(text: string): HTMLElement[] {
    const taken = new Set([...this.select.selectedOptions].map((each) => each.value));
    const found = super.local(text).filter((each) => !taken.has(each.dataset.value!));
    const typed = text.trim();
    const known = [...this.select.options].some((each) => each.text.toLocaleLowerCase() === typed.toLocaleLowerCase());
    if (typed && !known && this.dataset.create) found.push(this.option(typed, this.dataset.create.replace("{}", typed), found.length));
    return found;
  }

  protected override choose({ dataset: { value = "" } }: { dataset: DOMStringMap }): void {
    if (![...this.select.options].some((each) => each.value === value)) this.select.add(new Option(value, value));
    [...this.select.options].filter((each) => each.value === value).forEach((each) => (each.selected = true));
    this.input.value = "";
    this.shut();
    this.changed();
  }

  protected override key(event: KeyboardEvent): void {
    const last = [...this.select.selectedOptions].at(-1);
    if (event.key === "Backspace" && !this.input.value && last) this.drop(last.value);
    else super.key(event);
  }

  /** Only what was chosen counts. */
  protected override leave(): void {
    this.input.value = "";
    this.shut();
  }
}
customElements.define("tag-box", TagBox);
