// The search over everything (`/` or Ctrl K): a combobox in a dialog, whose options the server finds.
"use strict";

(() => {
  const palette = document.querySelector("#palette");
  if (!palette) return;
  const box = palette.querySelector("[role=combobox]");
  const list = palette.querySelector("[role=listbox]");
  const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
  const active = () => list.querySelector("[aria-selected=true]");
  let movedTo = null; // where the arrow keys went since something was typed

  // ---- Open -------------------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
    const control = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey;
    if (!slash && !control) return;
    event.preventDefault();
    open();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  function open() {
    if (document.querySelector("dialog[open]")) return; // never over another one
    box.value = "";
    movedTo = null;
    list.replaceChildren();
    palette.showModal();
    htmx.trigger(box, "palette-open");
  }

  palette.addEventListener("mousedown", (event) => {
    if (event.target === palette) palette.close();
  });

  // ---- Choose -----------------------------------------------------------------------------

  // A late answer does not take away what the person has gone to meanwhile.
  list.addEventListener("htmx:afterSwap", () => {
    if (!box.value.trim()) showRecent();
    activate(options().find(({ href }) => href === movedTo) ?? options()[0]);
  });

  box.addEventListener("input", () => {
    movedTo = null;
  });

  function activate(option) {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  }

  box.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(active());
    if (event.key === "ArrowDown") move(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") move(all.at(Math.max(at, 0) - 1));
    else if (event.key === "Enter" && active()) follow(event);
    else return;
    event.preventDefault();
  });

  function move(option) {
    movedTo = option?.href ?? null;
    activate(option);
  }

  function follow(event) {
    if (event.ctrlKey || event.metaKey) window.open(active().href, "_blank", "noopener");
    else active().click();
  }

  // ---- The pages that this person was on lately ----------------------------------------------

  const MOST = 6;
  const key = `recent ${document.documentElement.dataset.person}`;

  function recent() {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? [];
    } catch {
      return [];
    }
  }

  /** Nobody finds the pages of whoever used this browser before. */
  function forgetOthers() {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith("recent ") && name !== key) localStorage.removeItem(name);
    }
  }

  function note() {
    if (document.querySelector(".problem-page, .search-page")) return;
    const title = document.title.replace(/ · ppplanner$/, "");
    const others = recent().filter(({ url }) => url.split("?")[0] !== location.pathname);
    const pages = [{ url: location.pathname + location.search, title }, ...others];
    localStorage.setItem(key, JSON.stringify(pages.slice(0, MOST + 1)));
  }

  function showRecent() {
    const pages = recent().filter(({ url }) => url.split("?")[0] !== location.pathname).slice(0, MOST);
    if (!pages.length) return;
    const group = document.querySelector("#palette-recent").content.cloneNode(true).firstElementChild;
    const hit = group.querySelector("a");
    pages.forEach(({ url, title }, number) => {
      const copy = hit.cloneNode(true);
      copy.id = `recent-${number}`;
      copy.href = url;
      copy.querySelector("span").textContent = title;
      group.append(copy);
    });
    hit.remove();
    list.prepend(group);
  }

  forgetOthers();
  note();
  window.addEventListener("pagehide", note); // the filters of a list have changed since
})();
