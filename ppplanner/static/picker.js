// Search-as-you-type fields (the macro `picker`): a combobox whose options come from the server.
"use strict";

(() => {
  const parts = (inside) => {
    const picker = inside.closest("[data-picker]");
    return picker && {
      input: picker.querySelector("[role=combobox]"),
      value: picker.querySelector("[data-picker-value]"),
      clear: picker.querySelector("[data-picker-clear]"),
      list: picker.querySelector("[role=listbox]"),
    };
  };
  const options = (picker) => [...picker.list.querySelectorAll("[role=option]")];
  const active = (picker) => picker.list.querySelector("[role=option][aria-selected=true]");

  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.elt.matches("[data-picker] [role=combobox]")) return;
    const { elt, formData } = event.detail;
    formData.delete(elt.name); // what is left comes from hx-include
    event.detail.parameters = { ...Object.fromEntries(formData), q: elt.value };
  });

  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-picker] [role=combobox]")) return;
    const picker = parts(event.target);
    picker.value.value = "";
    picker.clear.hidden = !picker.input.value;
    activate(picker, null); // what is offered still answers an older text
    search(picker);
  });

  function search(picker) {
    htmx.trigger(picker.input, "picker-search");
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    const picker = event.detail.target.matches("[data-picker] [role=listbox]") && parts(event.detail.target);
    if (!picker || document.activeElement !== picker.input) return;
    show(picker, true);
    const asked = event.detail.requestConfig.parameters.q;
    if (asked && asked === picker.input.value) activate(picker, options(picker)[0]);
  });

  function show(picker, open) {
    picker.list.hidden = !open;
    picker.input.setAttribute("aria-expanded", String(open));
    if (!open) activate(picker, null);
  }

  function activate(picker, option) {
    active(picker)?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) picker.input.setAttribute("aria-activedescendant", option.id);
    else picker.input.removeAttribute("aria-activedescendant");
  }

  function choose(picker, value, text) {
    picker.value.value = value;
    picker.input.value = text;
    picker.clear.hidden = !text;
    show(picker, false);
    picker.value.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("keydown", (event) => {
    const picker = event.target.matches?.("[data-picker] [role=combobox]") && parts(event.target);
    if (!picker) return;
    const open = !picker.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return search(picker);
      move(picker, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && (open || undecided(picker))) {
      event.preventDefault();
      const option = active(picker);
      if (option) choose(picker, option.dataset.value, option.dataset.text);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      show(picker, false);
    }
  });

  /** Whether something was typed that has not led to a choice yet: Enter comes too soon. */
  const undecided = (picker) => picker.input.value && !picker.value.value;

  function move(picker, by) {
    const all = options(picker);
    if (all.length) activate(picker, all[(all.indexOf(active(picker)) + by + all.length) % all.length]);
  }

  // The press, not the click: the field must not lose the focus first.
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[data-picker] [role=option]");
    if (!option) return;
    event.preventDefault();
    choose(parts(option), option.dataset.value, option.dataset.text);
  });

  document.addEventListener("click", (event) => {
    const picker = event.target.closest("[data-picker]") && parts(event.target);
    if (!picker) return;
    if (event.target.closest("[data-picker-clear]")) {
      choose(picker, "", "");
      picker.input.focus();
    } else if (event.target === picker.input && picker.list.hidden) search(picker);
  });

  document.addEventListener("focusout", (event) => {
    const picker = event.target.matches?.("[data-picker] [role=combobox]") && parts(event.target);
    if (picker) show(picker, false);
  });

  // A record made in a dialog ("new" beside the picker) becomes the choice.
  document.addEventListener("picked", (event) => {
    const input = document.getElementById(event.detail.field);
    const picker = input && parts(input);
    if (picker) choose(picker, event.detail.value, event.detail.text);
  });

  // A press that came before this script did.
  document.addEventListener("DOMContentLoaded", () => {
    const focused = document.activeElement;
    if (focused.matches("[data-picker] [role=combobox]:not([autofocus])")) search(parts(focused));
  });
})();
