// @ts-check
/** While a value is open, a click on a word of the page, or a drag over words, fills it with the page's own words. */

/**
 * @typedef {{text: string, box: [number, number, number, number]}} Word
 * @typedef {{x: number, y: number}} Place
 */

/** @param {HTMLElement} page @param {import("./editing.js").Editing} editing */
export function fillFromWords(page, editing) {
  const pane = page.querySelector("#pages");
  if (!(pane instanceof HTMLElement)) return;
  /** @type {Map<string, Promise<Word[]>>} */
  const known = new Map();
  /** @type {{svg: SVGSVGElement, start: Place, frame: SVGRectElement}|null} */
  let drag = null;

  /** @param {string} number */
  function wordsOf(number) {
    const words = known.get(number) ?? load(`/v1/documents/${page.dataset.job}/pages/${number}/words`);
    known.set(number, words);
    return words;
  }

  pane.addEventListener("pointerover", (event) => {
    const svg = event.target instanceof Element ? event.target.closest(".sheet")?.querySelector("svg") : null;
    if (editing.field && svg) void wordsOf(pageOf(svg)); // there when the click comes
  });
  pane.addEventListener("pointerdown", (event) => {
    const sheet = event.target instanceof Element ? event.target.closest(".sheet") : null;
    const svg = sheet?.querySelector("svg");
    if (!editing.field || !svg || event.button !== 0) return;
    event.preventDefault(); // the input keeps the focus
    const start = placeOf(svg, event);
    const frame = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    frame.setAttribute("class", "drag");
    svg.append(frame);
    drag = { svg, start, frame };
    pane.setPointerCapture(event.pointerId);
    void wordsOf(pageOf(svg));
  });
  pane.addEventListener("mousedown", (event) => {
    if (drag) event.preventDefault();
  });
  pane.addEventListener("pointermove", (event) => {
    if (drag) outline(drag.frame, drag.start, placeOf(drag.svg, event));
  });
  pane.addEventListener("pointercancel", () => {
    drag?.frame.remove();
    drag = null;
  });
  pane.addEventListener("pointerup", async (event) => {
    if (!drag) return;
    const { svg, start, frame } = drag;
    const end = placeOf(svg, event);
    drag = null;
    frame.remove();
    const found = under(await wordsOf(pageOf(svg)), start, end);
    if (found) editing.fill(found);
  });
  // a click on a box goes to its field, but not while words are taken
  const onWords = (/** @type {Event} */ event) => {
    const onButton = event.target instanceof Element && event.target.closest("button");
    if (editing.field && !onButton) event.stopImmediatePropagation();
  };
  pane.addEventListener("click", onWords, { capture: true });
}

/** @param {string} url @returns {Promise<Word[]>} none where the page has none */
async function load(url) {
  try {
    const answer = await fetch(url);
    return answer.ok ? (await answer.json()).words : [];
  } catch {
    return [];
  }
}

/** @param {SVGSVGElement} svg */
function pageOf(svg) {
  return svg.closest("figure")?.dataset.page ?? "1";
}

/** Where on the page something points, 0 to 1 each way, however it is turned and enlarged. @param {SVGSVGElement} svg @param {MouseEvent} event @returns {Place} */
function placeOf(svg, event) {
  const matrix = svg.getScreenCTM();
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix?.inverse());
}

/** @param {SVGRectElement} frame @param {Place} a @param {Place} b */
function outline(frame, a, b) {
  frame.setAttribute("x", String(Math.min(a.x, b.x)));
  frame.setAttribute("y", String(Math.min(a.y, b.y)));
  frame.setAttribute("width", String(Math.abs(a.x - b.x)));
  frame.setAttribute("height", String(Math.abs(a.y - b.y)));
}

/** The words that a rectangle touches, in reading order; "" for none. @param {Word[]} words @param {Place} a @param {Place} b */
export function under(words, a, b) {
  const [left, right] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
  const [top, bottom] = [Math.min(a.y, b.y), Math.max(a.y, b.y)];
  return words
    .filter(({ box }) => box[0] <= right && box[2] >= left && box[1] <= bottom && box[3] >= top)
    .sort((one, other) => (sameLine(one, other) ? one.box[0] - other.box[0] : one.box[1] - other.box[1]))
    .map((word) => word.text)
    .join(" ");
}

/** @param {Word} one @param {Word} other */
function sameLine(one, other) {
  const middle = (other.box[1] + other.box[3]) / 2;
  return one.box[1] <= middle && middle <= one.box[3];
}
