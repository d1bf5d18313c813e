// Time zone, theme and folded navigation: kept by the server (theme) and in a cookie that the server reads (nav).
import { post } from "./wire";

for (const field of document.querySelectorAll<HTMLInputElement>("[data-time-zone]")) {
  field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
}

document.querySelector("[data-theme-switch]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = (event as SubmitEvent).submitter as HTMLButtonElement;
  document.documentElement.dataset.theme = button.value;
  for (const each of button.parentElement!.children) each.setAttribute("aria-pressed", String(each === button));
  void post("/theme", { value: button.value });
});

document.querySelector("[data-fold]")?.addEventListener("click", () => {
  const root = document.documentElement;
  const slim = root.dataset.nav !== "slim";
  if (slim) root.dataset.nav = "slim";
  else delete root.dataset.nav;
  document.cookie = `nav=${slim ? "slim" : "full"};path=/;max-age=31536000;samesite=lax`;
});
