// Copies the address beside a button; without this script the button stays hidden.
"use strict";

function showButtons() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = button.closest("[data-copy-from]").querySelector("input");
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy"); // where pages without TLS may not use the clipboard
  }
  button.querySelector("span").textContent = button.dataset.copied;
});

document.addEventListener("htmx:afterSettle", showButtons);
showButtons();
