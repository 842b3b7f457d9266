// @ts-check
/** Frames over the pictures of pages: how they are pulled and moved, and how they are drawn. */

/**
 * @typedef {[number, number, number, number]} Box left, top, right, bottom, each 0 to 1 of the page
 * @typedef {{x: number, y: number}} Place where on a page something points, 0 to 1 each way
 * @typedef {{page: number, boxes: Box[]}} Proof where a value stands, as the service keeps it
 */

const LEAST = 0.004; // of a page: the least that a frame is wide or high

/** The frame between two of its corners. @param {Place} a @param {Place} b @returns {Box} */
export function between(a, b) {
  return onPage(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y));
}

/** The frame round several. @param {Box[]} boxes @returns {Box} */
export function around(boxes) {
  const side = (/** @type {number} */ n) => boxes.map((box) => box[n]);
  return [Math.min(...side(0)), Math.min(...side(1)), Math.max(...side(2)), Math.max(...side(3))];
}

/**
 * The edge or corner of a frame that a place is at, as compass points ("n", "se"); "" for none.
 * @param {Box} box @param {Place} at @param {Place} near how near is near enough, each way
 */
export function edgeAt([left, top, right, bottom], at, near) {
  if (at.x < left - near.x || at.x > right + near.x || at.y < top - near.y || at.y > bottom + near.y) return "";
  const up = Math.abs(at.y - top) <= near.y ? "n" : Math.abs(at.y - bottom) <= near.y ? "s" : "";
  const across = Math.abs(at.x - left) <= near.x ? "w" : Math.abs(at.x - right) <= near.x ? "e" : "";
  return up + across;
}

/** The frame with an edge or a corner pulled to a place. @param {Box} box @param {string} edge @param {Place} to @returns {Box} */
export function pulled([left, top, right, bottom], edge, to) {
  const first = { x: edge.includes("w") ? to.x : left, y: edge.includes("n") ? to.y : top };
  const last = { x: edge.includes("e") ? to.x : right, y: edge.includes("s") ? to.y : bottom };
  return between(first, last);
}

/** The frame moved, no further than the page goes. @param {Box} box @param {number} x @param {number} y @returns {Box} */
export function moved([left, top, right, bottom], x, y) {
  const across = Math.min(Math.max(x, -left), 1 - right);
  const down = Math.min(Math.max(y, -top), 1 - bottom);
  return onPage(left + across, top + down, right + across, bottom + down);
}

/** The frame with its right and lower edges moved. @param {Box} box @param {number} x @param {number} y @returns {Box} */
export function grown([left, top, right, bottom], x, y) {
  return onPage(left, top, Math.max(right + x, left + LEAST), Math.max(bottom + y, top + LEAST));
}

/** @param {Box} box */
export function hasArea([left, top, right, bottom]) {
  return right - left > LEAST / 2 && bottom - top > LEAST / 2;
}

/** A frame as the service takes it: on the page, and no finer than is seen. @param {[number, number, number, number]} sides @returns {Box} */
function onPage(...sides) {
  return /** @type {Box} */ (sides.map((side) => Math.round(Math.min(Math.max(side, 0), 1) * 1e5) / 1e5));
}

/** @param {ParentNode} page @param {number|string} number @returns {SVGSVGElement|null} what lies over the picture of a page */
export function overPage(page, number) {
  return page.querySelector(`figure[data-page="${Number(number)}"] svg`);
}

/** @param {SVGSVGElement} svg @param {Box} box @returns {SVGRectElement} */
export function draw(svg, box) {
  const frame = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  frame.setAttribute("class", "drag");
  svg.append(frame);
  lay(frame, box);
  return frame;
}

/** @param {SVGRectElement} frame @param {Box} box */
export function lay(frame, [left, top, right, bottom]) {
  for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) frame.setAttribute(name, String(value));
}

/** Draw where a value will stand, and nothing else. @param {ParentNode} page @param {Proof|null} place */
export function showPlace(page, place) {
  for (const frame of page.querySelectorAll("rect.drag")) frame.remove();
  const svg = place && overPage(page, place.page);
  if (svg) for (const box of place.boxes) draw(svg, box);
}
