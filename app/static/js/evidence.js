// @ts-check
/** Shows where a value stands: pointing at a field draws its boxes, a click on a box goes to its field. */

import { say } from "./texts.js";

/** @param {HTMLElement} page */
export function drawEvidence(page) {
  const pane = page.querySelector("#pages");
  if (!(pane instanceof HTMLElement)) return;
  const location = /** @type {HTMLElement} */ (pane.querySelector("#location"));
  const start = location.textContent;
  /** @type {HTMLElement|null} */
  let aimed = null;

  /** @param {HTMLElement|null} field */
  function aim(field) {
    if (field === aimed) return;
    aimed = field;
    for (const element of page.querySelectorAll(".aimed, .beside")) element.classList.remove("aimed", "beside");
    location.classList.toggle("found", field !== null);
    location.textContent = field ? sentence(field) : start;
    if (!field) return;
    field.classList.add("aimed");
    const boxes = [.../** @type {HTMLElement} */ (pane).querySelectorAll("rect")];
    const found = boxes.filter((box) => box.dataset.field === field.dataset.field);
    const row = /^\d+\/lines\/\d+\//.exec(field.dataset.field ?? "")?.[0];
    if (row) for (const box of boxes) box.classList.toggle("beside", box.dataset.field?.startsWith(row));
    for (const box of found) {
      box.classList.add("aimed");
      box.parentElement?.classList.add("aimed");
      box.parentElement?.append(box); // drawn last, over its neighbours
    }
    if (found.length) bringIntoView(/** @type {HTMLElement} */ (pane), found[0]);
  }

  const inHand = () => fieldOf(document.activeElement);
  page.addEventListener("focusin", (event) => aim(fieldOf(event.target)));
  page.addEventListener("focusout", () => aim(null));
  page.addEventListener("mouseover", (event) => {
    const field = fieldOf(event.target);
    if (field) aim(field);
  });
  page.addEventListener("mouseout", (event) => {
    if (fieldOf(event.target) && !fieldOf(event.relatedTarget)) aim(inHand());
  });
  pane.addEventListener("click", (event) => {
    if (!(event.target instanceof SVGRectElement)) return;
    fieldCalled(page, event.target.dataset.field)?.focus();
  });
  aim(inHand()); // chosen before this script was there
}

/** The field that something is part of. @param {EventTarget|null} target @returns {HTMLElement|null} */
export function fieldOf(target) {
  return target instanceof Element ? target.closest("[data-field][tabindex]") : null;
}

/**
 * The field of a key. Keys come from documents, so they are compared and never put into a selector.
 * @param {ParentNode} page @param {string} [key] @returns {HTMLElement|undefined}
 */
export function fieldCalled(page, key) {
  const fields = /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-field][tabindex]"));
  return [...fields].find((field) => field.dataset.field === key);
}

/** @param {HTMLElement} field @returns {string} */
function sentence(field) {
  const { label, place, told } = field.dataset;
  const where = place || say("not located on the page");
  return [`${label}: ${where}`, told].filter(Boolean).join(" · ");
}

/** Scroll the pane, and only the pane. @param {HTMLElement} pane @param {SVGRectElement} box */
export function bringIntoView(pane, box) {
  const outer = pane.getBoundingClientRect();
  const inner = box.getBoundingClientRect();
  const bar = pane.querySelector(".tools")?.clientHeight ?? 0;
  const above = inner.top < outer.top + bar + 8 || inner.bottom > outer.bottom - 12;
  const beside = inner.left < outer.left || inner.right > outer.right;
  if (!above && !beside) return;
  pane.scrollBy({
    top: above ? inner.top - outer.top - (outer.height + bar) / 2 + inner.height / 2 : 0,
    left: beside ? inner.left - outer.left - outer.width / 2 + inner.width / 2 : 0,
  });
}
