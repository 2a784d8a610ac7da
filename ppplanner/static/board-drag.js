// Dragging on the planning board, with mouse, pen or finger: bars to move, their edges to resize,
// empty time to create. A finger that rests a moment drags; one that moves at once scrolls.
"use strict";

(() => {
  const EDGE = 7; // pixels at a bar's ends that resize it
  const SLIP = 4; // pixels that a click may move
  const REST = 350; // milliseconds after which a finger drags
  const BORDER = 48; // pixels at the board's borders in which it scrolls by itself
  const DAY = 1440;

  let drag = null;

  const mayEdit = () => Boolean(planning.data().move);

  /** What pressing here would do: move, start, end (of a bar), or create. */
  function kindAt(x, bar) {
    if (!bar) return "create";
    const box = bar.getBoundingClientRect();
    const edge = Math.min(EDGE, box.width / 4);
    if (x - box.left < edge && !bar.classList.contains("before")) return "start";
    if (box.right - x < edge && !bar.classList.contains("after")) return "end";
    return "move";
  }

  function pressed(event) {
    const track = event.target.closest("#board .board-track");
    if (!track || event.button !== 0 || drag || planning.moving() || !mayEdit()) return;
    const bar = event.target.closest(".booking");
    if (!bar && event.target.closest("a")) return;
    drag = { track, bar, kind: kindAt(event.clientX, bar), x: event.clientX, y: event.clientY, pointer: event.pointerId, begun: false };
    drag.scrolled = planning.board().scrollLeft;
    if (event.pointerType === "touch") drag.rest = setTimeout(begin, REST);
  }

  function begin() {
    const { bar, kind, track } = drag;
    const why = bar ? planning.whyNot(bar, kind) : "";
    if (why) {
      planning.notice(why);
      return stop();
    }
    planning.hideCard();
    getSelection()?.removeAllRanges();
    drag.begun = true;
    drag.hint = document.createElement("div");
    drag.hint.className = "moving-text";
    document.body.append(drag.hint);
    if (bar) drag.move = new planning.Move(bar);
    else {
      drag.frame = document.createElement("div");
      drag.frame.className = "booking-new";
      track.append(drag.frame);
    }
    scrollAlong();
  }

  function moved(event) {
    if (!drag) return hoverEdge(event);
    if (event.pointerId !== drag.pointer) return;
    drag.last = event;
    if (!drag.begun) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < SLIP) return;
      if (drag.rest) return stop(); // it scrolls
      begin();
      if (!drag) return;
    }
    draw();
  }

  function draw() {
    const { clientX, clientY } = drag.last ?? { clientX: drag.x, clientY: drag.y };
    if (drag.move) drawMove(clientX, clientY);
    else drawFrame(clientX);
    drag.hint.style.left = `${Math.min(clientX + 14, innerWidth - drag.hint.offsetWidth - 8)}px`;
    drag.hint.style.top = `${Math.max(clientY - 34, 8)}px`;
  }

  function drawMove(x, y) {
    const { move, kind } = drag;
    const pixels = x - drag.x + planning.board().scrollLeft - drag.scrolled;
    const by = snap(pixels * planning.minutesPerPixel(move.home));
    const { starts, ends } = move.from;
    if (kind === "start") move.show(move.home, Math.min(starts + by, ends - planning.step()), ends);
    else if (kind === "end") move.show(move.home, starts, Math.max(ends + by, starts + Math.min(planning.step(), 60)));
    else move.show(trackAt(y) ?? move.track, starts + by, ends + by);
    drag.hint.textContent = move.text;
  }

  const snap = (minutes) => Math.round(minutes / planning.step()) * planning.step();

  function trackAt(y) {
    const box = planning.board().getBoundingClientRect();
    const inside = Math.min(Math.max(y, box.top + 4), box.bottom - 4);
    return document.elementsFromPoint(box.right - 24, inside).find((each) => each.matches(".board-track"));
  }

  /** From step to step; where a step is a day, all days touched, within opening hours. */
  function drawFrame(x) {
    const step = planning.step();
    const origin = planning.timeAt(drag.x + drag.scrolled - planning.board().scrollLeft, drag.track);
    const [early, late] = [origin, planning.timeAt(x, drag.track)].sort((a, b) => a - b);
    const [first, last] = step === DAY ? [Math.floor, Math.ceil] : [Math.round, Math.round];
    drag.starts = first(early / step) * step;
    drag.ends = Math.max(last(late / step) * step, drag.starts + step);
    if (step === DAY) [drag.starts, drag.ends] = [drag.starts + 8 * 60, drag.ends - 6 * 60];
    planning.place(drag.frame, drag.starts, drag.ends);
    drag.hint.textContent = `${planning.inWords(drag.starts)} – ${planning.inWords(drag.ends)}`;
  }

  /** Near its borders the board scrolls by itself, faster the nearer. */
  function scrollAlong() {
    if (!drag?.begun) return;
    const board = planning.board();
    const box = board.getBoundingClientRect();
    const { clientX, clientY } = drag.last ?? { clientX: drag.x, clientY: drag.y };
    const pull = (near, far) => (near < BORDER ? near - BORDER : far < BORDER ? BORDER - far : 0) / 4;
    const head = document.querySelector(".board-head").getBoundingClientRect().bottom;
    const [across, down] = [pull(clientX - box.left - 1, box.right - clientX), pull(clientY - head, box.bottom - clientY)];
    if (across || down) {
      board.scrollBy(drag.move || across ? across : 0, drag.move && drag.kind === "move" ? down : 0);
      draw();
    }
    requestAnimationFrame(scrollAlong);
  }

  function released(event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    const { begun, move, track, starts, ends } = drag;
    stop();
    if (!begun) return;
    swallowClick();
    if (move) move.send();
    else if (starts !== undefined) planning.openNew(track.dataset.resource, starts, ends, track);
  }

  /** Letting go is no click. */
  function swallowClick() {
    const swallow = (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
  }

  function stop() {
    clearTimeout(drag?.rest);
    drag?.hint?.remove();
    drag?.frame?.remove();
    drag = null;
  }

  function giveUp() {
    const move = drag?.move;
    stop();
    move?.back();
  }

  function hoverEdge(event) {
    const bar = event.target.closest?.("#board .booking");
    if (!bar || !mayEdit()) return;
    const kind = kindAt(event.clientX, bar);
    const can = !planning.whyNot(bar, kind);
    bar.classList.toggle("edge-start", can && kind === "start");
    bar.classList.toggle("edge-end", can && kind === "end");
  }

  document.addEventListener("pointerdown", pressed);
  document.addEventListener("pointermove", moved);
  document.addEventListener("pointerup", released);
  document.addEventListener("pointercancel", giveUp);
  document.addEventListener("dblclick", (event) => {
    if (!event.target.matches("#board .board-track") || !mayEdit()) return;
    const step = planning.step();
    const at = Math.floor(planning.timeAt(event.clientX, event.target) / step) * step;
    const starts = step === DAY ? at + 8 * 60 : at;
    planning.openNew(event.target.dataset.resource, starts, starts + Math.max(step, DAY / 4), event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drag) return;
    event.preventDefault();
    giveUp();
  }, true);
  document.addEventListener("touchmove", (event) => drag?.begun && event.preventDefault(), { passive: false });
  document.addEventListener("contextmenu", (event) => drag?.begun && event.preventDefault());
})();
