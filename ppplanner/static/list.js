// Lists: open a row by a click or by j, k and Enter; tick rows and act on them together.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("[data-list] tbody tr")];
  const ticks = () => [...document.querySelectorAll("[data-tick]")];
  const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, dialog, [data-menu]");
  let lastTick = null;

  // ---- Open -------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-open]");
    if (!row || event.target.closest("a, button, input, label, summary, .tick")) return;
    if (window.getSelection().toString()) return; // the person is copying a text
    const link = row.querySelector(".list-link");
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
  });

  document.addEventListener("auxclick", (event) => {
    const row = event.button === 1 && event.target.closest("tr[data-open]");
    if (row && !event.target.closest("a")) window.open(row.querySelector(".list-link").href, "_blank", "noopener");
  });

  // ---- Keys -------------------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return leaveSearch(event);
    if (event.key === "j" || event.key === "k") move(event, event.key === "j" ? 1 : -1);
    if (event.key === "x") tickPresent(event);
    if (event.key === "/") focusSearch(event);
  });

  function move(event, by) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement.closest("tr"));
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    (next.querySelector(".list-link") ?? next.querySelector("[data-tick]"))?.focus();
    next.scrollIntoView({ block: "nearest" });
    event.preventDefault();
  }

  function tickPresent(event) {
    const tick = event.target.closest("tr")?.querySelector("[data-tick]");
    if (tick) tick.click();
  }

  function focusSearch(event) {
    const box = document.querySelector("[data-list-search]");
    if (!box) return;
    event.preventDefault();
    box.select();
  }

  function leaveSearch(event) {
    if (event.key === "ArrowDown" && event.target.matches?.("[data-list-search]")) move(event, 1);
  }

  // ---- Tick -------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    if (event.target.matches("[data-tick]")) {
      if (event.shiftKey && lastTick) tickRange(lastTick, event.target);
      lastTick = event.target;
    } else if (event.target.matches("[data-tick-all]")) {
      ticks().forEach((tick) => (tick.checked = event.target.checked));
    } else if (event.target.closest("[data-bulk-clear]")) {
      ticks().forEach((tick) => (tick.checked = false));
    } else return;
    showTicked();
  });

  function tickRange(from, to) {
    const all = ticks();
    const [first, last] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
    if (first >= 0) all.slice(first, last + 1).forEach((tick) => (tick.checked = to.checked));
  }

  function showTicked() {
    const bar = document.querySelector("#bulk");
    if (!bar) return;
    const all = ticks();
    const count = all.filter((tick) => tick.checked).length;
    const text = count === 1 ? bar.dataset.one : bar.dataset.many;
    bar.hidden = count === 0;
    document.querySelector("#bulk-count").textContent = text.replace(/\d+/, count);
    all.forEach((tick) => tick.closest("tr").classList.toggle("ticked", tick.checked));
    const whole = document.querySelector("[data-tick-all]");
    whole.checked = count > 0 && count === all.length;
    whole.indeterminate = count > 0 && count < all.length;
  }

  // ---- Width ------------------------------------------------------------------------------

  /** A table too wide for its place scrolls sideways; its headings then cannot stick. */
  function fitWidth() {
    for (const place of document.querySelectorAll("[data-list-scroll]")) {
      place.classList.toggle("scrolls", place.firstElementChild.offsetWidth > place.clientWidth);
    }
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "list") return;
    showTicked();
    fitWidth();
  });
  window.addEventListener("pageshow", () => {
    showTicked();
    fitWidth();
  });
  window.addEventListener("resize", fitWidth);
})();
