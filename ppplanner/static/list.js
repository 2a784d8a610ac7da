// Lists: open a row by a click or by j, k and Enter; choose rows over all pages and act on them together.
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
    if (event.key === "f") focusSearch(event);
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

  // ---- Choose -----------------------------------------------------------------------------

  /** The ids of the chosen rows, on this page and on others. */
  let chosen = new Set();

  const bar = () => document.querySelector("#bulk");
  const kept = () => `chosen ${location.pathname}`;

  document.addEventListener("click", (event) => {
    const { target, shiftKey } = event;
    if (target.matches("[data-tick]")) {
      choose(shiftKey && lastTick?.isConnected ? between(lastTick, target) : [target], target.checked);
      lastTick = target;
    } else if (target.matches("[data-tick-all]")) choose(ticks(), target.checked);
    else if (target.closest("[data-bulk-clear]")) chosen.clear();
    else if (target.closest("[data-bulk-all]")) return chooseAll(target.closest("[data-bulk-all]"));
    else return;
    showChosen();
  });

  function between(from, to) {
    const all = ticks();
    const [first, last] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
    return all.slice(first, last + 1);
  }

  function choose(boxes, on) {
    for (const box of boxes) on ? chosen.add(box.value) : chosen.delete(box.value);
  }

  /** Everything that the filters show at this moment, on all pages. */
  async function chooseAll(button) {
    button.disabled = true;
    const answer = await fetch(button.dataset.bulkAll).then((got) => got.json()).catch(() => null);
    button.disabled = false;
    if (answer?.ids.length) chosen = new Set(answer.ids.map(String));
    showChosen();
    if (!answer?.ids.length) tell(answer?.refused ?? document.querySelector("#problem").dataset.unreachable);
  }

  function tell(text) {
    document.querySelector("#bulk-unseen").textContent = text;
  }

  function showChosen() {
    const all = ticks();
    for (const box of all) {
      box.checked = chosen.has(box.value);
      box.closest("tr").classList.toggle("ticked", box.checked);
    }
    const here = all.filter((box) => box.checked).length;
    const whole = document.querySelector("[data-tick-all]");
    if (whole) {
      whole.checked = here > 0 && here === all.length;
      whole.indeterminate = here > 0 && here < all.length;
    }
    if (bar()) showBar(here);
  }

  function showBar(here) {
    const { one, many, unseen } = bar().dataset;
    const counted = (text, count) => text.replace(/\d[\d.,\s]*\d|\d/, count.toLocaleString(document.documentElement.lang));
    bar().hidden = chosen.size === 0;
    bar().querySelector("[data-chosen]").value = [...chosen].join();
    document.querySelector("#bulk-count").textContent = counted(chosen.size === 1 ? one : many, chosen.size);
    tell(chosen.size > here ? counted(unseen, chosen.size - here) : "");
    document.querySelector("[data-bulk-all]").hidden = !document.querySelector(".list-paging");
  }

  /** What was done with the chosen rows is done; the page that follows begins anew. */
  document.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr, requestConfig } }) => {
    const leaves = xhr.getResponseHeader("HX-Refresh") || xhr.getResponseHeader("HX-Redirect");
    if (leaves && requestConfig.verb === "post") chosen.clear();
  });

  // Whoever opens a row and comes back finds the others still chosen.
  window.addEventListener("pagehide", () => {
    if (bar()) sessionStorage.setItem(kept(), [...chosen].join());
  });

  function recall() {
    const [way] = performance.getEntriesByType("navigation");
    const before = sessionStorage.getItem(kept());
    if (before && ["back_forward", "reload"].includes(way?.type)) chosen = new Set(before.split(","));
  }

  // ---- Filters ----------------------------------------------------------------------------

  /** Of many choices, those that hold what is typed. */
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-menu-find]")) return;
    const wanted = event.target.value.trim().toLowerCase();
    for (const item of event.target.parentElement.querySelectorAll(".menu-item")) {
      item.hidden = !item.textContent.toLowerCase().includes(wanted);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches?.("[data-menu-find]")) return;
    event.preventDefault();
    event.target.parentElement.querySelector(".menu-item:not([hidden])")?.click();
  });

  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".menu[open]")) keepInSight(event.target);
    const field = event.target.matches?.(".chip[open]") && event.target.querySelector("[data-menu-find], [role=combobox]");
    if (field) field.focus();
  }, true);

  /** A menu that would leave the window on the right opens towards the left. */
  function keepInSight(menu) {
    menu.classList.remove("menu-turned");
    const { right } = menu.querySelector(".menu-list").getBoundingClientRect();
    menu.classList.toggle("menu-turned", right > document.documentElement.clientWidth);
  }

  // ---- Focus ------------------------------------------------------------------------------

  /** The rows are exchanged as a whole: the focus stays on the chip, heading or page button used. */
  let used = null;

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "list") used = document.activeElement?.closest("[data-keep]")?.dataset.keep ?? null;
  });

  function returnFocus() {
    const part = used && document.activeElement === document.body && document.querySelector(`[data-keep="${used}"]`);
    if (part) (part.querySelector("summary") ?? part).focus({ preventScroll: true });
  }

  // ---- Width ------------------------------------------------------------------------------

  /** A table too wide for its place scrolls sideways; its headings then cannot stick. */
  function fitWidth() {
    for (const place of document.querySelectorAll("[data-list-scroll]")) {
      place.classList.toggle("scrolls", place.firstElementChild.offsetWidth > place.clientWidth);
    }
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id !== "list") return;
    showChosen();
    fitWidth();
    returnFocus();
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) recall();
    showChosen();
    fitWidth();
  });
  window.addEventListener("resize", fitWidth);
})();
