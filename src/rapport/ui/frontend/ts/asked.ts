// A field that is asked for only when others say so is hidden until they do; the server keeps the rule.
type Rule = Record<string, string | string[]>;

const fits = (form: HTMLFormElement, rule: Rule) =>
  Object.entries(rule).every(([name, wanted]) => {
    const control = form.elements.namedItem(name) as { value?: string } | null;
    return control?.value === undefined || [wanted].flat().includes(control.value);
  });

function settle(form: HTMLFormElement) {
  for (const field of form.querySelectorAll<HTMLElement>("[data-only]"))
    field.hidden = !(JSON.parse(field.dataset.only!) as Rule[]).some((rule) => fits(form, rule));
}

const all = (root: ParentNode) => root.querySelectorAll<HTMLFormElement>("form:has([data-only])").forEach(settle);
document.addEventListener("change", ({ target }) => (target as HTMLInputElement).form?.querySelector("[data-only]") && settle((target as HTMLInputElement).form!));
document.addEventListener("htmx:after:swap", () => all(document));
all(document);
