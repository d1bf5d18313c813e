// Keys pressed while the page's script is still on its way wait for it; keys.ts takes them. Not a module: it runs first.
(() => {
  const pressed = [];
  const keep = (event) => pressed.push(event);
  document.addEventListener("keydown", keep);
  window.earlyKeys = () => {
    document.removeEventListener("keydown", keep);
    return pressed;
  };
})();
