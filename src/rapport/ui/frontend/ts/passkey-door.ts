// form[data-passkey]: what the browser's passkeys answer is sent with the form; what that needs comes with its first use.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.dataset.passkey === undefined || (form.elements.namedItem("credential") as HTMLInputElement).value) return;
  event.preventDefault();
  void import("./passkey").then(({ answer }) => answer(form));
});
