// @ts-check
/** Asks of several pictures whether they are the pages of one document. */

import { ask, part } from "./parts.js";
import { many, say } from "./texts.js";

const PICTURE = /\.(heic|heif|tiff?|png|jpe?g|webp|gif|bmp)$/i; // not every system knows the type of HEIC and TIFF

/**
 * @param {File[]} files
 * @param {{bytes: number, files: number, request: number}} limits
 * @returns {boolean} whether all are pictures, and fit into one request
 */
export function mayBeOne(files, limits) {
  const size = files.reduce((sum, file) => sum + file.size + 1000, 0);
  return (
    files.length > 1 &&
    files.length <= limits.files &&
    size <= limits.request - 100_000 &&
    files.every((file) => PICTURE.test(file.name) && file.size <= limits.bytes)
  );
}

/** @param {File[]} files @returns {File[]} as their names count: page-2 before page-10 */
export function inOrder(files) {
  return [...files].sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
}

/** @param {File[]} files in the order of their pages @returns {Promise<"one" | "each" | "">} empty: not to be sent */
export async function askTogether(files) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("together"));
  if (dialog.open) return "each"; // more were dropped while it asks
  part(dialog, "question").textContent = say("Are these {count} pictures the pages of one document?", { count: files.length });
  part(dialog, "each").textContent = many("{count} document", "{count} documents", files.length);
  const names = files.map((file) => {
    const item = document.createElement("li");
    const name = item.appendChild(document.createElement("bdi"));
    name.textContent = file.name;
    return item;
  });
  part(dialog, "names").replaceChildren(...names);
  return /** @type {"one" | "each" | ""} */ (await ask(dialog));
}
