import assert from "node:assert/strict";
import { test } from "node:test";

import "./page.js";

const { under } = await import("../../app/static/js/words.js");

/** @type {import("../../app/static/js/words.js").Word[]} */
const WORDS = [
  { text: "Pine", box: [0.3, 0.101, 0.4, 0.12] },
  { text: "Harbour", box: [0.1, 0.1, 0.2, 0.12] },
  { text: "Street", box: [0.2, 0.15, 0.3, 0.17] },
  { text: "14", box: [0.1, 0.15, 0.15, 0.17] },
];

test("words under a frame come in reading order, lines from above", () => {
  assert.equal(under(WORDS, { x: 0.05, y: 0.05 }, { x: 0.5, y: 0.2 }), "Harbour Pine 14 Street");
});

test("a frame may be drawn from any corner", () => {
  assert.equal(under(WORDS, { x: 0.5, y: 0.13 }, { x: 0.05, y: 0.11 }), "Harbour Pine");
});

test("a click is a frame without size", () => {
  assert.equal(under(WORDS, { x: 0.12, y: 0.16 }, { x: 0.12, y: 0.16 }), "14");
  assert.equal(under(WORDS, { x: 0.9, y: 0.9 }, { x: 0.9, y: 0.9 }), "");
});
