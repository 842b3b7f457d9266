// @ts-check
/**
 * While a value is open, a click on a word of the page, a drag over words, or its own box pulled at an edge fills
 * it with the page's words, and says that it stands there. F2 does the same by keys.
 */

import { announce } from "./announce.js";
import { bringIntoView } from "./evidence.js";
import { around, between, draw, edgeAt, grown, hasArea, lay, moved, overPage, pulled } from "./frames.js";
import { say } from "./texts.js";
import { taken, wordsOf } from "./words.js";

/**
 * @typedef {import("./frames.js").Box} Box
 * @typedef {import("./frames.js").Place} Place
 * @typedef {{svg: SVGSVGElement, start: Place, box: Box, edge: string, shape: SVGRectElement, moves: boolean}} Drag
 * @typedef {{svg: SVGSVGElement, box: Box, shape: SVGRectElement}} Frame
 */

const NEAR = { mouse: 6, pen: 8, touch: 14 }; // pixels within which an edge is meant
const STEPS = { ArrowLeft: [-0.008, 0], ArrowRight: [0.008, 0], ArrowUp: [0, -0.004], ArrowDown: [0, 0.004] };
const START = { x: 0.1, y: 0.01 }; // half of a frame that begins where no value was found

/**
 * @param {HTMLElement} page @param {import("./editing.js").Editing} editing
 * @returns {(event: KeyboardEvent) => boolean} takes the keys of an open value that are for its frame
 */
export function placeOnPages(page, editing) {
  const pane = page.querySelector("#pages");
  if (!(pane instanceof HTMLElement)) return () => false;
  const words = wordsOf(page.dataset.job ?? "");
  /** @type {Drag|null} */
  let drag = null;
  /** @type {Frame|null} */
  let frame = null;

  /** Where the open value stands on a page; null where it does not. @param {SVGSVGElement} svg @returns {Box|null} */
  function standing(svg) {
    const place = editing.place;
    if (place) return String(place.page) === pageOf(svg) ? around(place.boxes) : null;
    const key = editing.field?.dataset.field;
    const own = [...svg.querySelectorAll("rect")].filter((one) => one.dataset.field === key);
    return own.length ? around(own.map(boxOf)) : null;
  }

  /** @param {SVGSVGElement} svg @param {Place} at @param {PointerEvent} event */
  function edgeOf(svg, at, event) {
    const box = standing(svg);
    const matrix = svg.getScreenCTM();
    if (!box || !matrix) return "";
    const pixels = NEAR[/** @type {keyof typeof NEAR} */ (event.pointerType)] ?? NEAR.mouse;
    // a page that was turned has its x along the window's y
    const near = { x: pixels / Math.hypot(matrix.a, matrix.b), y: pixels / Math.hypot(matrix.c, matrix.d) };
    return edgeAt(box, at, near);
  }

  /** Fill the open value with what a frame holds. @param {SVGSVGElement} svg @param {Box} box @param {boolean} exact */
  async function take(svg, box, exact) {
    const field = editing.field;
    const found = taken(await words(pageOf(svg)), box, exact);
    if (editing.field !== field || (!found.text && !hasArea(box))) return;
    editing.fill(found.text, { page: Number(pageOf(svg)), boxes: exact || !found.text ? [box] : found.boxes });
    if (!found.text) announce(say("No words were found there: write the value, its place is kept"));
  }

  pane.addEventListener("pointerover", (event) => {
    const svg = svgAt(event);
    if (editing.field && svg) void words(pageOf(svg)); // there when the click comes
  });
  pane.addEventListener("pointerdown", (event) => {
    const svg = svgAt(event);
    if (!editing.field || !svg || event.button !== 0) return;
    event.preventDefault(); // the input keeps the focus
    const start = placeAt(svg, event);
    const edge = edgeOf(svg, start, event);
    const box = (edge && standing(svg)) || between(start, start);
    drag = { svg, start, box, edge, shape: draw(svg, box), moves: false };
    pane.setPointerCapture(event.pointerId);
    void words(pageOf(svg));
  });
  pane.addEventListener("mousedown", (event) => {
    if (drag) event.preventDefault();
  });
  pane.addEventListener("pointermove", (event) => {
    const svg = drag?.svg ?? svgAt(event);
    if (!svg || !editing.field) return;
    const at = placeAt(svg, event);
    if (drag) {
      drag.moves = true;
      lay(drag.shape, drag.edge ? pulled(drag.box, drag.edge, at) : between(drag.start, at));
    } else svg.dataset.edge = edgeOf(svg, at, event);
  });
  pane.addEventListener("pointercancel", () => {
    drag?.shape.remove();
    drag = null;
  });
  pane.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { svg, start, box, edge, shape, moves } = drag;
    const at = placeAt(svg, event);
    drag = null;
    shape.remove();
    if (edge && moves) void take(svg, pulled(box, edge, at), true);
    else void take(svg, between(start, at), false);
  });
  // a click on a box goes to its field, but not while words are taken
  const onWords = (/** @type {Event} */ event) => {
    const onButton = event.target instanceof Element && event.target.closest("button");
    if (editing.field && !onButton) event.stopImmediatePropagation();
  };
  pane.addEventListener("click", onWords, { capture: true });

  /** Put the frame of the keys onto a page. @param {SVGSVGElement} svg @param {Box} box */
  function put(svg, box) {
    frame?.shape.remove();
    frame = { svg, box, shape: draw(svg, box) };
    bringIntoView(/** @type {HTMLElement} */ (pane), frame.shape);
    const [left, top] = box.map((side) => Math.round(side * 100));
    announce(say("Frame on page {page}, {left} % from the left and {top} % from the top", { page: pageOf(svg), left, top }));
  }

  function begin() {
    const all = [.../** @type {NodeListOf<SVGSVGElement>} */ (page.querySelectorAll("figure[data-page] svg"))];
    const own = all.find(standing);
    const svg = own ?? all.find(isSeen) ?? all[0];
    if (!svg) return;
    void words(pageOf(svg));
    const centre = own ? { x: 0.5, y: 0.5 } : middleOf(/** @type {HTMLElement} */ (pane), svg);
    const first = between({ x: centre.x - START.x, y: centre.y - START.y }, { x: centre.x + START.x, y: centre.y + START.y });
    announce(say("Arrows move the frame, with Shift they change its size, Enter takes what is in it"));
    put(svg, standing(svg) ?? first);
  }

  return (event) => {
    if (frame && !frame.shape.isConnected) frame = null; // the value was left
    const { key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    if (!frame) {
      if (key !== "F2") return false;
      begin();
      return true;
    }
    const { svg, box, shape } = frame;
    const step = STEPS[/** @type {keyof typeof STEPS} */ (key)];
    if (step) put(svg, event.shiftKey ? grown(box, step[0], step[1]) : moved(box, step[0], step[1]));
    else if (key === "[" || key === "]") {
      const other = overPage(page, Number(pageOf(svg)) + (key === "]" ? 1 : -1));
      if (other) put(other, box);
    } else if (key === "Enter" || key === "F2" || key === "Escape") {
      shape.remove();
      frame = null;
      if (key !== "Escape") void take(svg, box, true);
    } else return false;
    return true;
  };
}

/** @param {Event} event @returns {SVGSVGElement|null|undefined} what lies over the page that is pointed at */
function svgAt(event) {
  return event.target instanceof Element ? event.target.closest(".sheet")?.querySelector("svg") : null;
}

/** @param {SVGSVGElement} svg */
function pageOf(svg) {
  return svg.closest("figure")?.dataset.page ?? "1";
}

/** Where on the page something points, however it is turned and enlarged. @param {SVGSVGElement} svg @param {{clientX: number, clientY: number}} at @returns {Place} */
function placeAt(svg, at) {
  const matrix = svg.getScreenCTM();
  return new DOMPoint(at.clientX, at.clientY).matrixTransform(matrix?.inverse());
}

/** @param {HTMLElement} pane @param {SVGSVGElement} svg the page that is seen in its middle */
function middleOf(pane, svg) {
  const seen = pane.getBoundingClientRect();
  return placeAt(svg, { clientX: seen.left + seen.width / 2, clientY: seen.top + seen.height / 2 });
}

/** @param {SVGSVGElement} svg */
function isSeen(svg) {
  const { top, bottom } = svg.getBoundingClientRect();
  return top < innerHeight / 2 && bottom > innerHeight / 2;
}

/** @param {SVGRectElement} rect @returns {Box} */
function boxOf(rect) {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
  return [x, y, x + width, y + height];
}
