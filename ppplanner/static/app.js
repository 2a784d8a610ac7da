// The frame: what every page needs beside htmx. No page may depend on this file to be reachable.
"use strict";

const find = (selector, within = document) => within.querySelector(selector);
const meta = (name) => find(`meta[name="${name}"]`)?.content ?? "";
const dialog = () => find("#dialog");

// ---- Requests -------------------------------------------------------------------------------

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = meta("csrf-token");
});

/** An answer that brings a fresh token makes the page's forms work again. */
document.addEventListener("htmx:afterRequest", (event) => {
  const token = event.detail.xhr?.getResponseHeader("X-CSRFToken");
  if (!token) return;
  find('meta[name="csrf-token"]').content = token;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
});

/** Trouble is shown where the person looks: in the dialog when one is open. */
function problemPlace() {
  return dialog()?.open ? find("#dialog-problem") : find("#problem");
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (target?.id !== "problem") return;
  if (requestConfig?.elt?.matches?.("[data-poll]")) {
    event.detail.shouldSwap = false; // the next poll will tell
    return;
  }
  event.detail.target = problemPlace();
  event.detail.swapOverride = "innerHTML show:none";
  if (isForeign(event.detail)) {
    event.detail.shouldSwap = false;
    showProblem(find("#problem").dataset.unreachable);
  }
});

/** Whether an answer comes from something on the way to ppplanner, whose words help nobody. */
function isForeign({ isError, serverResponse, xhr }) {
  return (isError && !xhr.getResponseHeader("HX-Retarget")) || /^\s*<!doctype/i.test(serverResponse);
}

document.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.matches("[data-poll]")) showProblem(find("#problem")?.dataset.unreachable);
});

function showProblem(text) {
  const alert = document.createElement("div");
  alert.className = "alert alert-danger";
  alert.setAttribute("role", "alert");
  alert.textContent = text;
  problemPlace()?.replaceChildren(alert);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.elt.matches("[data-poll]")) problemPlace()?.replaceChildren();
});

// ---- Something takes longer -----------------------------------------------------------------

let underWay = 0;
let slow = 0;

document.addEventListener("htmx:beforeSend", (event) => {
  if (event.detail.elt.matches("[data-poll]")) return;
  if (underWay++ === 0) slow = setTimeout(() => showWorking(true), 300);
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.matches?.("[data-poll]")) return;
  underWay = Math.max(0, underWay - 1);
  if (underWay > 0) return;
  clearTimeout(slow);
  showWorking(false);
});

function showWorking(on) {
  const bar = find("#working");
  if (bar) bar.hidden = !on;
}

// ---- Dialog ---------------------------------------------------------------------------------

let opener = null;

document.addEventListener("htmx:afterSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (target === problemPlace()) target.scrollIntoView({ block: "nearest" });
  if (target.id !== "dialog-body" || !target.childElementCount) return;
  if (!dialog().open) opener = requestConfig.elt;
  openDialog();
});

function openDialog() {
  const box = dialog();
  find("#dialog-problem").replaceChildren();
  const focused = document.activeElement;
  if (box.open && focused !== box && box.contains(focused)) return; // the same button, in its new place
  if (!box.open) box.showModal();
  focusFirst(box);
}

const FOCUSABLE = ":is(input:not([type=hidden]), select, textarea, button, a[href]):not(:disabled, [tabindex=\"-1\"])";

function focusFirst(box) {
  (find("[autofocus]", box) ?? find(`.dialog-main ${FOCUSABLE}`, box) ?? find("[data-close-dialog]", box))?.focus();
}

/** After an answer: to the errors when there are new ones; in a dialog never out of it. */
document.addEventListener("htmx:afterSettle", () => {
  const summary = find("[data-summary]:not([data-seen])", dialog()?.open ? dialog() : document);
  if (summary) {
    summary.dataset.seen = "";
    summary.focus();
  } else if (dialog()?.open && !dialog().contains(document.activeElement)) focusFirst(dialog());
});

/** A form that leads on to "new" beside one of its pickers waits, and comes back as it was. */
const beneath = [];

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, shouldSwap } = event.detail;
  const from = requestConfig?.elt;
  if (target?.id !== "dialog-body" || !shouldSwap || !from?.closest?.("#dialog-body .picker-new")) return;
  const form = document.createDocumentFragment();
  form.append(...target.childNodes);
  beneath.push({ form, field: find("[role=combobox]", from.closest(".field")) });
});

function comeBack() {
  const { form, field } = beneath.pop();
  const left = [...find("#dialog-body").childNodes];
  find("#dialog-body").prepend(form);
  queueMicrotask(() => left.forEach((node) => node.remove())); // not before it has told what was picked
  field?.focus();
}

function closeDialog() {
  if (beneath.length) comeBack();
  else if (dialog()?.open) dialog().close();
}

document.addEventListener("dialog-close", closeDialog);

function setUpDialog(box) {
  box.addEventListener("close", () => {
    beneath.length = 0;
    find("#dialog-body").replaceChildren();
    if (opener?.isConnected) opener.focus();
  });
  box.addEventListener("cancel", (event) => {
    if (event.target !== box) return;
    const leave = mayLeave(box);
    if (!leave || beneath.length) event.preventDefault();
    if (leave && beneath.length) comeBack();
  });
  box.addEventListener("mousedown", (event) => {
    if (event.target === box && mayLeave(box)) closeDialog();
  });
}

// ---- Nothing typed is lost by a slip --------------------------------------------------------

/** Whether a form within `part` holds something that the server has not seen. */
function unsaved(part = document) {
  return [...part.querySelectorAll("form[data-guard]")].find((form) =>
    find("[data-summary]", form) || [...form.elements].some(
      (field) =>
        (field.type === "checkbox" || field.type === "radio"
          ? field.checked !== field.defaultChecked
          : field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue) ||
        (field.tagName === "SELECT" &&
          [...field.options].some((option) => option.selected !== option.defaultSelected) &&
          [...field.options].some((option) => option.defaultSelected)),
    ),
  );
}

function mayLeave(part) {
  const form = unsaved(part);
  return !form || window.confirm(form.dataset.guard);
}

let sending = false;
document.addEventListener("submit", () => (sending = true), true);
document.addEventListener("htmx:sendError", () => (sending = false));
document.addEventListener("htmx:beforeOnLoad", (event) => {
  sending = Boolean(event.detail.xhr.getResponseHeader("HX-Redirect") || event.detail.xhr.getResponseHeader("HX-Refresh"));
});
window.addEventListener("beforeunload", (event) => {
  if (!sending && unsaved()) event.preventDefault();
});

// ---- Menus, alerts, toasts ------------------------------------------------------------------

function closeMenus(except) {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("[data-menu]"));
  if (event.target.closest("[data-close-alert]")) event.target.closest("[data-alert]").remove();
  if (event.target.closest("[data-close-toast]")) event.target.closest("[data-toast]").remove();
  const closer = event.target.closest("#dialog [data-close-dialog]");
  if (closer) {
    event.preventDefault();
    if (mayLeave(dialog())) closeDialog();
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[data-menu][open]");
  if (!menu || event.target.matches("[aria-expanded=true]")) return; // a picker closes itself first
  if (event.key === "Escape") {
    event.preventDefault();
    menu.open = false;
    find("summary", menu).focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.target.matches("input:not([data-menu-find])")) return;
    event.preventDefault();
    step([...menu.querySelectorAll(".menu-item:not([hidden])")], event.key === "ArrowDown" ? 1 : -1)?.focus();
  }
});

/** In a finder the arrows lead from the search field through what it found. */
document.addEventListener("keydown", (event) => {
  const finder = event.target.closest?.("[data-finder]");
  if (!finder || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  event.preventDefault();
  step([...finder.querySelectorAll(".form-control, .choice")], event.key === "ArrowDown" ? 1 : -1).focus();
});

/** The one after (or before) the focused of `items`, round about. */
function step(items, by) {
  const at = items.indexOf(document.activeElement);
  return items[(at + by + items.length + (at < 0 && by < 0 ? 1 : 0)) % items.length];
}

document.addEventListener("toast", (event) => {
  const line = document.createElement("div");
  line.className = "toast-line";
  line.dataset.toast = "";
  line.textContent = event.detail.text;
  find("#toasts")?.append(line);
  fade(line);
});

function fade(line) {
  setTimeout(() => !line.matches(":hover, :focus-within") && line.remove(), 6000);
}

/** A page that loads itself anew stays where it was scrolled to: not when it has to tell of trouble. */
function showTold() {
  const first = find("#told [data-alert]");
  if (!first) return;
  history.scrollRestoration = "manual"; // or the browser scrolls back once all is loaded
  window.addEventListener("pagehide", () => (history.scrollRestoration = "auto"));
  first.tabIndex = -1;
  first.focus({ preventScroll: true });
  first.scrollIntoView({ block: "nearest" });
}

document.addEventListener("DOMContentLoaded", () => {
  if (dialog()) setUpDialog(dialog());
  showTold();
  document.querySelectorAll("[data-toast]").forEach(fade);
});
