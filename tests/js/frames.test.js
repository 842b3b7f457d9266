import assert from "node:assert/strict";
import { test } from "node:test";

import { around, between, edgeAt, grown, hasArea, moved, pulled } from "../../app/static/js/frames.js";

/** @type {import("../../app/static/js/frames.js").Box} */
const BOX = [0.2, 0.4, 0.5, 0.6];
const NEAR = { x: 0.02, y: 0.01 };

test("a frame lies between any two of its corners, and never beside the page", () => {
  assert.deepEqual(between({ x: 0.5, y: 0.6 }, { x: 0.2, y: 0.4 }), BOX);
  assert.deepEqual(between({ x: -0.1, y: 0.2 }, { x: 1.3, y: 0.4 }), [0, 0.2, 1, 0.4]);
});

test("a frame round others holds them all", () => {
  assert.deepEqual(around([BOX, [0.1, 0.5, 0.3, 0.7]]), [0.1, 0.4, 0.5, 0.7]);
});

test("edges and corners are meant within a little, the middle and the outside are none", () => {
  for (const [x, y, edge] of /** @type {[number, number, string][]} */ ([
    [0.35, 0.405, "n"],
    [0.35, 0.595, "s"],
    [0.19, 0.5, "w"],
    [0.51, 0.5, "e"],
    [0.2, 0.4, "nw"],
    [0.505, 0.605, "se"],
    [0.35, 0.5, ""],
    [0.35, 0.7, ""],
    [0.6, 0.4, ""],
  ])) {
    assert.equal(edgeAt(BOX, { x, y }, NEAR), edge, `${x} ${y}`);
  }
});

test("an edge is pulled alone, a corner with both of its edges, beyond the other side too", () => {
  assert.deepEqual(pulled(BOX, "e", { x: 0.7, y: 0.9 }), [0.2, 0.4, 0.7, 0.6]);
  assert.deepEqual(pulled(BOX, "nw", { x: 0.1, y: 0.3 }), [0.1, 0.3, 0.5, 0.6]);
  assert.deepEqual(pulled(BOX, "s", { x: 0.7, y: 0.1 }), [0.2, 0.1, 0.5, 0.4]);
});

test("a frame that is moved stays on the page and keeps its size", () => {
  assert.deepEqual(moved(BOX, 0.1, -0.1), [0.3, 0.3, 0.6, 0.5]);
  assert.deepEqual(moved(BOX, 0.9, 0.9), [0.7, 0.8, 1, 1]);
  assert.deepEqual(moved(BOX, -0.9, -0.9), [0, 0, 0.3, 0.2]);
});

test("a frame that is made smaller stays one", () => {
  assert.deepEqual(grown(BOX, 0.1, 0.1), [0.2, 0.4, 0.6, 0.7]);
  assert.ok(hasArea(grown(BOX, -0.9, -0.9)));
  assert.ok(!hasArea([0.2, 0.2, 0.2, 0.9]));
});
