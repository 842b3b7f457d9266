import assert from "node:assert/strict";
import { test } from "node:test";

import { taken } from "../../app/static/js/words.js";

/** @type {import("../../app/static/js/words.js").Word[]} */
const WORDS = [
  { text: "Pine", box: [0.3, 0.101, 0.4, 0.12] },
  { text: "Harbour", box: [0.1, 0.1, 0.2, 0.12] },
  { text: "Street", box: [0.2, 0.15, 0.3, 0.17] },
  { text: "14", box: [0.1, 0.15, 0.15, 0.17] },
];

test("words that a frame touches come in reading order, with a box for each line", () => {
  assert.deepEqual(taken(WORDS, [0.05, 0.05, 0.5, 0.2], false), {
    text: "Harbour Pine 14 Street",
    boxes: [
      [0.1, 0.1, 0.4, 0.12],
      [0.1, 0.15, 0.3, 0.17],
    ],
  });
});

test("an exact frame leaves out words that it only grazes", () => {
  assert.equal(taken(WORDS, [0.05, 0.09, 0.32, 0.155], false).text, "Harbour Pine 14 Street");
  assert.equal(taken(WORDS, [0.05, 0.09, 0.32, 0.155], true).text, "Harbour");
});

test("a click is a frame without size", () => {
  assert.equal(taken(WORDS, [0.12, 0.16, 0.12, 0.16], false).text, "14");
  assert.deepEqual(taken(WORDS, [0.9, 0.9, 0.9, 0.9], false), { text: "", boxes: [] });
});
