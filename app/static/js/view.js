// @ts-check
/** How large and which way up the pages are shown; nothing of it is kept. */

import { bringIntoView } from "./evidence.js";
import { buttonOf } from "./parts.js";

const SIZES = [1, 1.25, 1.5, 2, 3];
const SHARP = 900; // pixels across that the usual picture fills well
const NARROW = 400; // pixels across in which a whole page cannot be read

/** @param {HTMLElement} page @returns {(what: string) => void} does larger, smaller, turn, before or after */
export function viewPages(page) {
  const pane = page.querySelector("#pages");
  if (!(pane instanceof HTMLElement)) return () => {};
  let size = pane.clientWidth < NARROW ? SIZES.indexOf(2) : 0;
  let turns = 0;

  const show = () => {
    const isLarge = pane.clientWidth * SIZES[size] > SHARP;
    for (const sheet of pane.querySelectorAll(".sheet")) lay(/** @type {HTMLElement} */ (sheet), SIZES[size], turns, isLarge);
  };

  /** @param {string} what */
  const act = (what) => {
    if (what === "larger") size = Math.min(size + 1, SIZES.length - 1);
    if (what === "smaller") size = Math.max(size - 1, 0);
    if (what === "turn") turns = (turns + 1) % 4;
    if (what === "after" || what === "before") leaf(pane, what === "after");
    else show();
  };

  if (size) {
    show();
    const first = pane.querySelector("rect");
    if (first) bringIntoView(pane, first);
  }
  pane.addEventListener("click", (event) => {
    const what = buttonOf(event)?.dataset.view;
    if (what) act(what);
  });
  return act;
}

/** @param {HTMLElement} sheet @param {number} size @param {number} turns @param {boolean} isLarge */
function lay(sheet, size, turns, isLarge) {
  const image = /** @type {HTMLImageElement} */ (sheet.querySelector("img"));
  const ratio = Number(image.getAttribute("height")) / Number(image.getAttribute("width"));
  const upright = turns % 2 === 0;
  const figure = /** @type {HTMLElement} */ (sheet.closest("figure"));
  figure.style.width = `${size * 100}%`;
  const frame = /** @type {HTMLElement} */ (sheet.parentElement);
  frame.style.aspectRatio = turns ? String(upright ? 1 / ratio : ratio) : "";
  sheet.style.width = upright ? "" : `${100 / ratio}%`;
  sheet.classList.toggle("turned", turns > 0);
  sheet.style.transform = turns ? `translate(-50%, -50%) rotate(${turns * 90}deg)` : "";
  if (isLarge && image.src.includes("width=1240")) image.src = image.src.replace("width=1240", "width=2000");
}

/** Go to the page after the one that is seen, or before it. @param {HTMLElement} pane @param {boolean} forth */
function leaf(pane, forth) {
  const top = pane.getBoundingClientRect().top;
  const starts = [...pane.querySelectorAll("figure")].map((figure) => figure.getBoundingClientRect().top - top);
  const bar = pane.querySelector(".tools")?.clientHeight ?? 0;
  const to = forth ? starts.find((start) => start > bar + 4) : starts.findLast((start) => start < bar - 4);
  if (to !== undefined) pane.scrollBy({ top: to - bar });
}
