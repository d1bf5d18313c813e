// A button[data-copy] puts its text on the clipboard and says so.
import { toast } from "./wire";

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest?.<HTMLElement>("[data-copy]");
  if (button) void navigator.clipboard?.writeText(button.dataset.copy!).then(() => toast({ word: "copied" }));
});
