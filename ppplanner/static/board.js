// The planning board: its time line, rows that come as one scrolls, the contract beside it, and
// colleagues' changes. Dragging is in board-drag.js, the keyboard in board-keys.js; both use `planning`.
// The server decides what happens; this file only shows it. Without it the board can be read.
"use strict";

const planning = (() => {
  // Bars that are drawn anew stand in their new place at once. Besides, a style that htmx copies from
  // the old to the new one is an inline style, which the browser refuses.
  htmx.config.attributesToSettle = [];

  const board = () => document.getElementById("board");
  const data = () => board().dataset;
  const part = (name) => document.getElementById(`board-${name}`);

  // ---- Time: minutes of the wall clock, counted from 1970; "2026-11-23T09:00" to the server ----

  const fromLocal = (local) => Date.parse(`${local}Z`) / 60000;
  const toLocal = (minutes) => new Date(minutes * 60000).toISOString().slice(0, 16);

  function inWords(minutes) {
    const options = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" };
    return new Date(minutes * 60000).toLocaleString(`${document.documentElement.lang}-BE`, options);
  }

  const step = () => Number(data().step);
  const start = () => fromLocal(data().starts);

  /** Minutes since the window's start, in real time: the clock may change in between. */
  function elapsed(minutes) {
    const gone = minutes - start();
    const { clockAfter, clockJump } = data();
    return clockAfter && gone - clockJump >= Number(clockAfter) ? gone - Number(clockJump) : gone;
  }

  function wallClock(gone) {
    const { clockAfter, clockJump } = data();
    return start() + gone + (clockAfter && gone >= Number(clockAfter) ? Number(clockJump) : 0);
  }

  /** The time at a place on the screen. */
  function timeAt(x, track) {
    const box = track.getBoundingClientRect();
    return wallClock(((x - box.left) / box.width) * Number(data().minutes));
  }

  const minutesPerPixel = (track) => Number(data().minutes) / track.getBoundingClientRect().width;

  /** Draw something from one time to another, as far as the window goes. */
  function place(element, starts, ends) {
    const whole = Number(data().minutes);
    const [left, right] = [starts, ends].map((each) => Math.min(Math.max(elapsed(each), 0), whole));
    element.style.left = `${(left / whole) * 100}%`;
    element.style.width = `${((right - left) / whole) * 100}%`;
  }

  // ---- Saying things ------------------------------------------------------------------------

  /** A sentence of the page's own language: `say("at", {resource: "1-ABC-123"})`. */
  function sentence(name, words = {}) {
    const text = data()[`say${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
    return text.replace(/\{(\w+)\}/g, (_all, word) => words[word] ?? "");
  }

  const say = (text) => (part("said").textContent = text);

  function notice(text) {
    const line = document.createElement("div");
    line.className = "alert alert-info";
    line.textContent = text;
    part("notice").replaceChildren(line);
  }

  const nameOf = (track) => track.parentElement.querySelector(".board-name").innerText.replace(/\s+/g, " ").trim();

  // ---- Asking the server --------------------------------------------------------------------

  const address = (path, values) => `${path}?${new URLSearchParams(values)}`;

  function rowsAddress(resources, extra) {
    const values = new URLSearchParams(data().query);
    for (const id of resources) values.append("resource", id);
    for (const [name, value] of Object.entries(extra)) values.set(name, value);
    return `${data().rows}?${values}`;
  }

  /** Post; the answer goes into the notice. Resolves to whether the server did it. */
  function post(path, values = {}) {
    const asker = part("asker");
    return new Promise((resolve) => {
      const done = (event) => {
        asker.removeEventListener("htmx:afterRequest", done);
        const { status } = event.detail.xhr;
        resolve(status >= 200 && status < 400);
      };
      asker.addEventListener("htmx:afterRequest", done);
      htmx.ajax("POST", path, { source: asker, target: "#board-notice", swap: "innerHTML", values });
    });
  }

  function openNew(resource, starts, ends, source) {
    const values = { resource_id: resource, starts_at: toLocal(starts), ends_at: toLocal(ends) };
    htmx.ajax("GET", address(data().new, values), { source, target: "#dialog-body", swap: "innerHTML" });
  }

  // ---- Moving one bar: shown at once, sent when let go, back when refused -----------------------

  let underWay = null;

  class Move {
    constructor(bar) {
      this.bar = bar;
      this.home = bar.parentElement;
      this.next = bar.nextSibling;
      this.track = this.home;
      this.from = { starts: fromLocal(bar.dataset.starts), ends: fromLocal(bar.dataset.ends) };
      this.starts = this.from.starts;
      this.ends = this.from.ends;
      bar.classList.add("moving");
      underWay = this;
    }

    show(track, starts, ends) {
      [this.starts, this.ends] = [starts, Math.max(ends, starts + Math.min(step(), 60))];
      if (track !== this.track) {
        this.track.classList.remove("aimed");
        this.bar.style.setProperty("--lane", track === this.home ? "" : "0");
        const focused = document.activeElement === this.bar;
        if (track === this.home) track.insertBefore(this.bar, this.next);
        else track.append(this.bar);
        if (focused) this.bar.focus({ preventScroll: true });
        this.track = track;
      }
      track.classList.toggle("aimed", track !== this.home);
      place(this.bar, this.starts, this.ends);
    }

    get text() {
      return `${inWords(this.starts)} – ${inWords(this.ends)}`;
    }

    get changed() {
      return this.track !== this.home || this.starts !== this.from.starts || this.ends !== this.from.ends;
    }

    back() {
      const focused = document.activeElement === this.bar;
      if (this.bar.isConnected && this.home.isConnected) {
        if (this.track !== this.home) this.home.insertBefore(this.bar, this.next?.parentElement === this.home ? this.next : null);
        if (focused) this.bar.focus({ preventScroll: true });
      }
      this.bar.removeAttribute("style");
      this.end();
    }

    end() {
      this.bar.classList.remove("moving");
      this.track.classList.remove("aimed");
      if (underWay === this) underWay = null;
      catchUp();
    }

    async send() {
      if (!this.changed) return this.back();
      this.bar.classList.remove("moving");
      const done = await post(data().move, {
        contract_id: this.bar.dataset.contract,
        resource_id: this.track.dataset.resource,
        starts_at: toLocal(this.starts),
        ends_at: toLocal(this.ends),
        seen: this.bar.dataset.seen,
      });
      if (done) this.end();
      else this.back();
    }
  }

  /** Why a bar cannot be moved so, in words; nothing when it can. `kind`: move, start, end. */
  function whyNot(bar, kind) {
    if (bar.dataset.status === "open" && kind === "end") return "";
    if (bar.dataset.status === "open") return sentence("endOnly");
    return bar.dataset.fixed ?? "";
  }

  // ---- Rows come when they are near, and go when they are far -----------------------------------

  const NEAR = "500px 0px";
  let nearby = null;
  let settling = 0;

  function watchRows() {
    nearby?.disconnect();
    nearby = new IntersectionObserver(noteRows, { root: board(), rootMargin: NEAR });
    for (const chunk of board().querySelectorAll(".board-chunk")) nearby.observe(chunk);
  }

  function noteRows(entries) {
    for (const { target, isIntersecting } of entries) target.near = isIntersecting;
    clearTimeout(settling);
    settling = setTimeout(settleRows, 40);
  }

  function settleRows() {
    for (const chunk of board().querySelectorAll(".board-chunk")) {
      const drawn = "drawn" in chunk.dataset;
      if (chunk.near && !drawn) fill(chunk);
      else if (!chunk.near && drawn && !busy(chunk)) empty(chunk);
    }
  }

  const busy = (chunk) => chunk.contains(document.activeElement) || chunk.contains(underWay?.home ?? null) || chunk.contains(underWay?.track ?? null);

  async function fill(chunk) {
    chunk.dataset.drawn = "";
    const path = rowsAddress(chunk.dataset.resources.split(" "), { first: chunk.dataset.first });
    await htmx.ajax("GET", path, { source: chunk, target: chunk, swap: "innerHTML" });
    if (!chunk.childElementCount) delete chunk.dataset.drawn;
    else if (!chunk.near && !busy(chunk)) empty(chunk); // it has gone far meanwhile
  }

  function empty(chunk) {
    delete chunk.dataset.drawn;
    chunk.replaceChildren();
  }

  /** Draw the bars of these rows anew, those that are there. */
  function refresh(resources, strip) {
    const there = resources.filter((id) => document.getElementById(`track-${id}`));
    if (!there.length && !strip) return;
    const path = rowsAddress(there, strip ? { strip: 1 } : {});
    htmx.ajax("GET", path, { source: part("refresher"), target: "#board-refresher", swap: "none" });
  }

  // ---- Colleagues' changes --------------------------------------------------------------------

  const EVERY = 3000;
  const PATIENCE = 3; // times in a row that no answer is no matter
  let token = "";
  let missed = 0;
  const waiting = { resources: new Set(), strip: false };

  async function askForChanges() {
    if (document.visibilityState !== "visible") return;
    const answer = await fetch(address(data().changes, { since: token })).catch(() => null);
    if (!answer?.ok || answer.redirected) return fallBehind();
    hearAgain();
    const news = await answer.json();
    const first = token === "";
    token = news.token;
    if (!first) note(news.all ? resourcesThere() : news.resources, news.all || news.strip);
  }

  /** Nobody plans on a board that stands still without knowing it. */
  function fallBehind() {
    if (++missed === PATIENCE) showProblem(sentence("behind"));
  }

  function hearAgain() {
    if (missed >= PATIENCE) document.getElementById("problem").replaceChildren();
    missed = 0;
  }

  const resourcesThere = () => [...board().querySelectorAll(".board-chunk .board-track")].map((track) => Number(track.dataset.resource));

  function note(resources, strip) {
    for (const id of resources) waiting.resources.add(id);
    waiting.strip ||= strip;
    catchUp();
  }

  /** Whether a finger or a button is down on the board: a drag may begin. */
  let held = false;

  document.addEventListener("pointerdown", (event) => {
    held = Boolean(event.target.closest?.("#board .board-track"));
  }, true);
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      held = false;
      setTimeout(catchUp);
    }, true);
  }

  /** Rows that come while something is held wait, and are asked for again. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "board-refresher" || !(underWay || held)) return;
    event.detail.shouldSwap = false;
    const asked = new URLSearchParams(event.detail.requestConfig.path.split("?")[1]);
    note(asked.getAll("resource").map(Number), asked.has("strip"));
  });

  /** Nothing jumps about under a hand that moves something. */
  function catchUp() {
    if (underWay || held) return;
    refresh([...waiting.resources], waiting.strip);
    waiting.resources.clear();
    waiting.strip = false;
  }

  document.addEventListener("board-changed", (event) => {
    note(event.detail.resources ?? [], event.detail.strip ?? false);
    if (!part("panel").hidden) loadPanel(part("panel").dataset.contract);
  });

  // ---- The contract beside the board ------------------------------------------------------------

  const barOf = (id) => document.getElementById(`booking-${id}`);

  function loadPanel(id) {
    const path = data().panel.replace(/0$/, id);
    return htmx.ajax("GET", path, { source: part("panel"), target: "#board-panel", swap: "innerHTML" });
  }

  async function openPanel(bar) {
    await openContract(bar.dataset.contract);
    reveal(bar);
  }

  async function openContract(id) {
    closePanel();
    part("panel").dataset.contract = id;
    markBar();
    await loadPanel(id);
    part("panel").hidden = false;
  }

  const markBar = () => barOf(part("panel").dataset.contract)?.setAttribute("aria-current", "true");

  function closePanel(focus = false) {
    const panel = part("panel");
    const bar = barOf(panel.dataset.contract);
    bar?.removeAttribute("aria-current");
    if (focus) bar?.focus();
    panel.hidden = true;
    panel.replaceChildren();
    delete panel.dataset.contract;
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-panel]")) return closePanel(true);
    if (event.target.closest("[data-board-keys]")) return showKeys();
    const bar = event.target.closest?.("#board .booking");
    if (!bar || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    hideCard();
    if (bar.hasAttribute("aria-current") && event.detail !== 1) location.assign(bar.href);
    else if (!bar.hasAttribute("aria-current")) openPanel(bar);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || underWay || dialog()?.open) return;
    if (!part("card")?.hidden) hideCard();
    else if (part("panel") && !part("panel").hidden) closePanel(true);
  });

  function showKeys() {
    document.getElementById("dialog-body").replaceChildren(part("keys-help").content.cloneNode(true));
    openDialog();
  }

  // A step of the contract beside the board loads the page anew: one goes on where one was.

  const PLACE = "board-place";

  addEventListener("pagehide", () => {
    const { scrollTop, scrollLeft } = board();
    const { contract } = part("panel").dataset;
    sessionStorage.setItem(PLACE, JSON.stringify({ address: location.href, scrollTop, scrollLeft, contract }));
  });

  function backToPlace() {
    const place = JSON.parse(sessionStorage.getItem(PLACE));
    const [entry] = performance.getEntriesByType("navigation");
    if (entry?.type !== "reload" || place?.address !== location.href) return;
    board().scrollTo(place.scrollLeft, place.scrollTop);
    if (place.contract) openContract(place.contract);
  }

  // ---- The card beside a bar: who, when, what, phone ----------------------------------------------

  const cards = new Map();
  let cardTimer = 0;

  function cardSoon(bar, wait) {
    clearTimeout(cardTimer);
    cardTimer = setTimeout(() => bar.isConnected && !underWay && showCard(bar), wait);
  }

  async function showCard(bar) {
    const { contract, seen } = bar.dataset;
    const key = `${contract} ${seen}`;
    if (!cards.has(key)) {
      const answer = await fetch(`${data().panel.replace(/0$/, contract)}/card`).catch(() => null);
      if (!answer?.ok || answer.redirected) return;
      cards.set(key, await answer.text());
    }
    if (!bar.matches(":hover, :focus-visible") || underWay) return;
    const card = part("card");
    card.innerHTML = cards.get(key);
    card.hidden = false;
    putBeside(card, bar.getBoundingClientRect());
  }

  function putBeside(card, bar) {
    const { width, height } = card.getBoundingClientRect();
    const below = bar.bottom + 6 + height < innerHeight;
    const left = Math.max(bar.left, part("grid-name")?.right ?? 8);
    card.style.top = `${below ? bar.bottom + 6 : Math.max(bar.top - height - 6, 8)}px`;
    card.style.left = `${Math.min(Math.max(left, 8), innerWidth - width - 8)}px`;
  }

  function hideCard() {
    clearTimeout(cardTimer);
    if (part("card")) part("card").hidden = true;
  }

  document.addEventListener("mouseover", (event) => {
    const bar = event.target.closest?.("#board .booking");
    if (bar) cardSoon(bar, 350);
    else if (event.target.closest?.("#board-card")) clearTimeout(cardTimer);
    else if (!part("card")?.hidden) cardTimer = setTimeout(hideCard, 150);
    else clearTimeout(cardTimer);
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.("#board .booking:focus-visible")) cardSoon(event.target, 700);
    else hideCard();
  });

  /** Scroll so that an element's beginning is in sight, clear of what sticks to the borders. */
  function reveal(element) {
    const [box, frame] = [element.getBoundingClientRect(), board().getBoundingClientRect()];
    const low = document.querySelector(".board-strip-low") ?? document.querySelector(".board-head");
    const [top, left] = [low.getBoundingClientRect().bottom, document.querySelector(".board-head .board-name").getBoundingClientRect().right];
    const over = (near, far, first, last) => (near < first ? near - first : far > last ? Math.min(far - last, near - first) : 0);
    const down = element.closest(".board-strip, .board-head") ? 0 : over(box.top, box.bottom + 2, top, frame.bottom);
    const across = element.matches(".board-name a, .board-track") ? 0 : over(box.left, Math.min(box.right, box.left + 80), left, frame.right);
    board().scrollBy(across, down);
  }

  // ---- Setting up --------------------------------------------------------------------------------

  const MINUTE = 60000;

  /** The line that tells the present moment walks on. */
  function moveNow() {
    const line = part("now");
    const gone = Number(data().now) + (performance.now() - loaded) / MINUTE;
    const inside = gone >= 0 && gone < Number(data().minutes);
    line.classList.toggle("now-hidden", !inside);
    if (inside) line.style.left = `${(gone / Number(data().minutes)) * 100}%`;
  }

  /** Where the window does not fit, it begins near the present moment. */
  function showNow() {
    const line = part("now");
    if (!line.classList.contains("now-hidden")) board().scrollLeft = line.offsetLeft - board().clientWidth / 4;
  }

  let loaded = performance.now();

  function setUp() {
    loaded = performance.now();
    closePanel();
    watchRows();
    moveNow();
    showNow();
    board().addEventListener("scroll", hideCard, { passive: true });
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "board") setUp();
    else markBar();
  });
  document.addEventListener("DOMContentLoaded", () => {
    setUp();
    backToPlace();
    askForChanges();
    setInterval(askForChanges, EVERY);
    setInterval(moveNow, MINUTE);
  });

  return {
    board, data, part, fromLocal, toLocal, inWords, step, start, timeAt, minutesPerPixel, place, sentence, say, notice,
    nameOf, post, openNew, Move, whyNot, openPanel, reveal, hideCard, showKeys, moving: () => underWay,
  };
})();
