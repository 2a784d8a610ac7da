// The planning board by keyboard alone: arrows walk over rows and bars, m moves a bar.
"use strict";

(() => {
  const ITEMS = ".board-name a, .booking";
  const STOPS = `${ITEMS}, .board-track`;
  let move = null; // while a bar is in move mode

  // ---- One place of the grid is reached by Tab, the arrows do the rest ----------------------------

  function leaveOneStop(within = planning.board()) {
    for (const each of within.querySelectorAll(STOPS)) each.tabIndex = -1;
    const stop = planning.board().querySelector(".board-chunk .booking") ?? planning.board().querySelector(".board-track");
    if (!planning.board().querySelector('[tabindex="0"]') && stop) stop.tabIndex = 0;
  }

  document.addEventListener("focusin", (event) => {
    if (!event.target.matches?.(`#board :is(${STOPS})`)) return;
    for (const each of planning.board().querySelectorAll('[tabindex="0"]')) each.tabIndex = -1;
    event.target.tabIndex = 0;
  });
  document.addEventListener("htmx:afterSettle", (event) => event.detail.target.closest?.("#board, #board-refresher") && leaveOneStop());
  document.addEventListener("DOMContentLoaded", () => leaveOneStop());

  // ---- Walking --------------------------------------------------------------------------------

  const rows = () => [...planning.board().querySelectorAll(".board-row:has(> .board-track)")];
  const rowOf = (element) => element.closest(".board-row");
  const trackOf = (row) => row.querySelector(".board-track");

  /** In the order in which they stand: the name, the bars; the empty row itself when it has none. */
  function stopsOf(row) {
    const bars = [...row.querySelectorAll(".booking")];
    bars.sort((a, b) => (a.dataset.starts < b.dataset.starts ? -1 : 1));
    return [...row.querySelectorAll(".board-name a"), ...(bars.length ? bars : [trackOf(row)])];
  }

  function walk(from, by) {
    const stops = stopsOf(rowOf(from));
    go(stops[stops.indexOf(from) + by]);
  }

  /** To the row above or below, to the bar that is nearest in time. */
  function climb(from, by) {
    const all = rows();
    const row = all[all.indexOf(rowOf(from)) + by];
    if (!row) return;
    if (from.matches(".board-name a")) return go(stopsOf(row)[0]);
    const middle = (bar) => bar.getBoundingClientRect().left + bar.getBoundingClientRect().width / 2;
    const near = (bar) => Math.abs(middle(bar) - middle(from));
    const bars = [...row.querySelectorAll(".booking")].sort((a, b) => near(a) - near(b));
    go(bars[0] ?? trackOf(row));
  }

  function go(element) {
    if (!element) return;
    element.focus({ preventScroll: true });
    planning.reveal(element);
  }

  // ---- New here ---------------------------------------------------------------------------------

  function newHere(from) {
    const track = from.matches(".board-track") ? from : trackOf(rowOf(from));
    const step = Math.min(planning.step(), 60);
    const now = Math.ceil((planning.start() + Number(planning.data().now)) / step) * step;
    const beginning = now > planning.start() ? now : planning.start() + 8 * 60;
    const starts = from.matches(".booking") ? planning.fromLocal(from.dataset.ends) : beginning;
    planning.openNew(track.dataset.resource, starts, starts + 1440, from);
  }

  // ---- Moving -----------------------------------------------------------------------------------

  function beginMove(bar) {
    const why = planning.whyNot(bar, bar.dataset.status === "open" ? "end" : "move");
    if (why) return planning.notice(why);
    move = new planning.Move(bar);
    planning.hideCard();
    planning.say(planning.sentence("moving", { what: bar.textContent }));
  }

  function tell() {
    planning.say(planning.sentence("at", { resource: planning.nameOf(move.track), period: move.text }));
    planning.reveal(move.bar);
  }

  function shift(by) {
    if (planning.whyNot(move.bar, "move")) return planning.say(planning.sentence("endOnly"));
    move.show(move.track, move.starts + by, move.ends + by);
    tell();
  }

  function stretch(by) {
    move.show(move.track, move.starts, move.ends + by);
    tell();
  }

  function change(by) {
    if (planning.whyNot(move.bar, "move")) return planning.say(planning.sentence("endOnly"));
    const all = rows();
    const row = all[all.indexOf(rowOf(move.track)) + by];
    if (row) move.show(trackOf(row), move.starts, move.ends);
    tell();
  }

  function endMove(keep) {
    const ended = move;
    move = null;
    if (keep && ended.changed) {
      planning.say(planning.sentence("saving"));
      ended.send();
    } else {
      ended.back();
      planning.say(planning.sentence("back"));
    }
  }

  const MOVING = {
    ArrowLeft: () => shift(-planning.step()),
    ArrowRight: () => shift(planning.step()),
    ArrowUp: () => change(-1),
    ArrowDown: () => change(1),
    "Shift+ArrowLeft": () => stretch(-planning.step()),
    "Shift+ArrowRight": () => stretch(planning.step()),
    Enter: () => endMove(true),
    Escape: () => endMove(false),
    Tab: () => endMove(false),
  };

  // ---- Keys ---------------------------------------------------------------------------------------

  const mayEdit = () => Boolean(planning.data().move);
  const isBar = (element) => element.matches(".booking");

  /** Where the focus is in the grid. */
  const GRID = {
    ArrowLeft: (at) => walk(at, -1),
    ArrowRight: (at) => walk(at, 1),
    ArrowUp: (at) => climb(at, -1),
    ArrowDown: (at) => climb(at, 1),
    Home: (at) => go(stopsOf(rowOf(at))[0]),
    End: (at) => go(stopsOf(rowOf(at)).at(-1)),
    Enter: (at) => (at.matches(".board-track") ? mayEdit() && newHere(at) : at.click()),
    " ": (at) => isBar(at) && planning.openPanel(at),
    n: (at) => mayEdit() && newHere(at),
    m: (at) => mayEdit() && isBar(at) && beginMove(at),
  };
  /** Wherever it is on the page, but not while somebody types. */
  const PAGE = {
    t: () => planning.part("today").click(),
    "/": () => planning.part("search").select(),
    "?": () => planning.showKeys(),
    n: () => planning.part("new")?.click(),
    u: () => mayEdit() && planning.post(planning.data().undo),
    "Ctrl+z": () => mayEdit() && planning.post(planning.data().undo),
    "Ctrl+y": () => mayEdit() && planning.post(planning.data().redo),
    "Ctrl+Shift+z": () => mayEdit() && planning.post(planning.data().redo),
  };

  function nameOf(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const shift = event.shiftKey && (event.key.length > 1 || event.ctrlKey || event.metaKey);
    return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${shift ? "Shift+" : ""}${key}`;
  }

  function deedOf(event) {
    const name = nameOf(event);
    if (move) return MOVING[name];
    const at = event.target.closest?.("#board") && event.target.matches(STOPS) ? event.target : null;
    if (at && GRID[name]) return () => GRID[name](at);
    const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
    const here = event.target === document.body || event.target.closest?.(".content");
    return !typing && here && PAGE[name];
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.defaultPrevented || dialog()?.open || event.target.closest?.("[data-menu][open]")) return;
    const deed = deedOf(event);
    if (!deed) return;
    if (!(move && event.key === "Tab")) event.preventDefault();
    event.stopImmediatePropagation();
    deed();
  }, true);

  /** Who clicks elsewhere has given the move up. */
  document.addEventListener("pointerdown", () => move && endMove(false), true);
})();
