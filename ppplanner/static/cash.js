// Counting cash: Enter and the arrows go from one number to the next, and it adds up as one types.
// Without this file the server adds up when the count is kept.
"use strict";

const PIECES = "[data-count] input[data-cents]";

/** Cents of what is typed in whole numbers; what is no number counts for nothing. */
function centsOf(field) {
  const text = field.value.replace(/\s/g, "");
  return /^\d+$/.test(text) ? Number(text) * Number(field.dataset.cents) : 0;
}

/** Cents of an amount as people type it: "12,50", "12.5", "1.250,00". */
function centsTyped(text) {
  const plain = text.replace(/[\s€'’]/g, "");
  const [, whole, rest = ""] = plain.match(/^([\d.,]*?)(?:[.,](\d{1,2}))?$/) ?? [];
  if (whole === undefined) return 0;
  return Number(whole.replace(/[.,]/g, "")) * 100 + Number(rest.padEnd(2, "0"));
}

function addUp(count) {
  const euros = new Intl.NumberFormat(count.dataset.locale, { style: "currency", currency: "EUR" });
  let total = centsTyped(count.querySelector("[name=vouchers]").value);
  for (const field of count.querySelectorAll("input[data-cents]")) {
    const cents = centsOf(field);
    total += cents;
    count.querySelector(`output[for="${field.id}"]`).value = cents ? euros.format(cents / 100) : "";
  }
  const difference = total - Number(count.dataset.expected);
  count.querySelector("[data-counted]").value = euros.format(total / 100);
  const shown = count.querySelector("[data-difference]");
  shown.value = (difference > 0 ? "+" : "") + euros.format(difference / 100);
  shown.closest("div").classList.toggle("agrees", difference === 0);
  shown.closest("div").classList.toggle("differs", difference !== 0);
}

/** Enter never keeps a count by accident: it leads through the fields to the button. */
function stepOn(event) {
  const count = event.target.closest?.("[data-count]");
  if (!count || !event.target.matches("input[type=text]")) return;
  const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || (event.key !== "Enter" && !event.target.matches(PIECES))) return;
  event.preventDefault();
  const fields = [...count.querySelectorAll("input[type=text], [type=submit]")];
  const next = fields[fields.indexOf(event.target) + by];
  next?.focus();
  if (next?.matches(PIECES)) next.select();
}

document.addEventListener("keydown", stepOn);
document.addEventListener("focusin", (event) => event.target.matches(PIECES) && event.target.select());
document.addEventListener("input", (event) => {
  const count = event.target.closest("[data-count]");
  if (count) addUp(count);
});
document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-count]").forEach(addUp));
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-count]").forEach(addUp));
