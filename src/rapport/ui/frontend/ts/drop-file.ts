// <drop-file data-largest data-large>: the whole box takes a file, says its name and refuses one that is too large.
class DropFile extends HTMLElement {
  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>("input[type=file]")!;
    input.addEventListener("change", () => this.told(input));
    for (const name of ["dragenter", "dragover"]) this.addEventListener(name, () => this.toggleAttribute("data-over", true));
    for (const name of ["dragleave", "drop"]) this.addEventListener(name, () => this.removeAttribute("data-over"));
  }

  private told(input: HTMLInputElement): void {
    const file = input.files?.[0];
    const most = Number(this.dataset.largest ?? Infinity);
    const large = !!file && file.size > most;
    input.setCustomValidity(large ? this.dataset.large!.replace("{}", String(Math.floor(most / 1e6))) : "");
    const size = file ? (file.size < 1e6 ? `${Math.ceil(file.size / 1e3)} kB` : `${(file.size / 1e6).toFixed(1)} MB`) : "";
    this.querySelector("[data-name]")!.textContent = file ? (large ? input.validationMessage : `${file.name} · ${size}`) : "";
  }
}
customElements.define("drop-file", DropFile);
