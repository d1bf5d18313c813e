// Time zone, theme and folded navigation: kept by the server (theme) and in a cookie that the server reads (nav).
import { post } from "./wire";

for (const field of document.querySelectorAll<HTMLInputElement>("[data-time-zone]")) {
  field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function setTheme(value: string): void {
  document.documentElement.dataset.theme = value;
  for (const each of document.querySelectorAll<HTMLButtonElement>("[data-theme-switch] button")) each.setAttribute("aria-pressed", String(each.value === value));
  void post("/theme", { value });
}

document.querySelector("[data-theme-switch]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  setTheme(((event as SubmitEvent).submitter as HTMLButtonElement).value);
});

export function fold(): void {
  const root = document.documentElement;
  const slim = root.dataset.nav !== "slim";
  if (slim) root.dataset.nav = "slim";
  else delete root.dataset.nav;
  document.cookie = `nav=${slim ? "slim" : "full"};path=/;max-age=31536000;samesite=lax`;
}
document.querySelector("[data-fold]")?.addEventListener("click", fold);
