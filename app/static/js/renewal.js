// @ts-check
/**
 * Puts what the server shows now in place of what is shown, and only where it differs: blocks whose parts are
 * the same ones keep them, so that focus and scrolling stay. `data-block` and `data-live` name the parts.
 */

import { fieldCalled } from "./evidence.js";

/** What the server sent for each part, by its name. @type {Map<string, string>} */
const sent = new Map();

const PARTS = "[data-live], [data-block]";

/** Remember what was sent, before anything changes it. @param {Element} page */
export function remember(page) {
  for (const part of [page, ...page.querySelectorAll(PARTS)]) if (part.matches(PARTS)) sent.set(nameOf(part), part.outerHTML);
}

/** @param {HTMLElement} page @param {ParentNode} fresh */
export function replaceParts(page, fresh) {
  const focused = document.activeElement?.closest("[data-field]")?.getAttribute("data-field");
  const blocks = byName(page, "[data-block]");
  for (const block of fresh.querySelectorAll("[data-block]")) {
    const now = blocks.get(nameOf(block));
    if (now && namesIn(now) !== namesIn(block)) swap(now, block);
  }
  const parts = byName(page, PARTS);
  for (const part of fresh.querySelectorAll(PARTS)) {
    const now = parts.get(nameOf(part));
    if (!now?.isConnected || part.querySelector("[data-live]")) continue;
    if (sent.get(nameOf(part)) !== part.outerHTML) swap(now, part);
  }
  if (!focused || document.activeElement?.closest("[data-field]")) return;
  fieldCalled(page, focused)?.focus({ preventScroll: true });
}

/** @param {Element} old @param {Element} part */
function swap(old, part) {
  const copy = document.importNode(part, true);
  remember(copy);
  old.replaceWith(copy);
}

/** @param {ParentNode} page @param {string} selector @returns {Map<string, Element>} */
function byName(page, selector) {
  return new Map([...page.querySelectorAll(selector)].map((part) => [nameOf(part), part]));
}

/** @param {Element} part */
function nameOf(part) {
  return part.getAttribute("data-live") ?? `block ${part.getAttribute("data-block")}`;
}

/** @param {Element} block */
function namesIn(block) {
  return [...block.querySelectorAll("[data-live]")].map(nameOf).join("\n");
}
