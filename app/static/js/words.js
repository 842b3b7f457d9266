// @ts-check
/** The words of pages, as the service keeps them, and those that a frame holds. */

import { around } from "./frames.js";

/**
 * @typedef {import("./frames.js").Box} Box
 * @typedef {{text: string, box: Box}} Word
 */

/** @param {string} document_ @returns {(page: string) => Promise<Word[]>} asks once for each page */
export function wordsOf(document_) {
  /** @type {Map<string, Promise<Word[]>>} */
  const known = new Map();
  return (page) => {
    const words = known.get(page) ?? load(`/v1/documents/${document_}/pages/${page}/words`);
    known.set(page, words);
    return words;
  };
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

/**
 * The words in a frame in reading order, and a box for each line of them.
 * @param {Word[]} words @param {Box} frame @param {boolean} exact only those whose middle is in it, else all that it touches
 */
export function taken(words, frame, exact) {
  /** @type {Word[][]} */
  const lines = [];
  const found = words.filter(({ box }) => holds(frame, exact ? middle(box) : box));
  for (const word of found.sort((one, other) => (sameLine(one, other) ? one.box[0] - other.box[0] : one.box[1] - other.box[1]))) {
    const line = lines.at(-1);
    if (line && sameLine(line[0], word)) line.push(word);
    else lines.push([word]);
  }
  return {
    text: lines.flat().map((word) => word.text).join(" "),
    boxes: lines.map((line) => around(line.map((word) => word.box))),
  };
}

/** @param {Box} frame @param {Box} box */
function holds(frame, box) {
  return box[0] <= frame[2] && box[2] >= frame[0] && box[1] <= frame[3] && box[3] >= frame[1];
}

/** @param {Box} box @returns {Box} */
function middle([left, top, right, bottom]) {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return [x, y, x, y];
}

/** @param {Word} one @param {Word} other */
function sameLine(one, other) {
  const height = (other.box[1] + other.box[3]) / 2;
  return one.box[1] <= height && height <= one.box[3];
}
