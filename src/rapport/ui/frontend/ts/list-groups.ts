// Groups of a list fold: [data-unfold] hides the rows up to the next head. Those folded from the start come when asked for.

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest?.<HTMLElement>("[data-unfold]");
  if (!button) return;
  const open = button.ariaExpanded !== "true";
  button.ariaExpanded = String(open);
  for (let row = button.closest("tr")!.nextElementSibling; row && !row.matches(".parting"); row = row.nextElementSibling) (row as HTMLElement).hidden = !open;
});
