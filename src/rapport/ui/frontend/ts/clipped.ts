// What is cut to fit its place is said whole when one rests on it.
const CUT = "td, th span, .shown, .shown a, .clip, .row-link, .says span, .member .lines > *";

document.addEventListener("mouseover", ({ target }) => {
  const box = (target as Element).closest?.<HTMLElement>(CUT);
  if (box && !box.title && box.scrollWidth > box.clientWidth) box.title = box.innerText.trim();
});
