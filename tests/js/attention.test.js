import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import "./page.js";

const { Attention } = await import("../../app/static/js/attention.js");

/** @type {HTMLElement} */
let page;
/** @type {import("../../app/static/js/attention.js").Attention} */
let attention;

beforeEach(() => {
  document.title = "(9) a.pdf";
  document.body.innerHTML = `<div id="document"><p id="left"></p>
    <p data-field="1/number" data-value="7" data-state="checked" tabindex="0"></p>
    <p data-field="1/date" data-value="2026-01-02" data-state="look" tabindex="0"></p>
    <p data-field="1/seller" data-value="A" data-state="failed" class="failed" tabindex="0"></p>
    <p data-field="1/buyer" data-value="B" tabindex="0"></p>
    <p data-field="1/total" data-value="" data-state="look" tabindex="0"></p></div>`;
  page = /** @type {HTMLElement} */ (document.getElementById("document"));
  attention = new Attention(page);
});

/** @param {string} key */
function field(key) {
  return /** @type {HTMLElement} */ (page.querySelector(`[data-field="1/${key}"]`));
}

/** @param {HTMLElement|null} found */
const key = (found) => found?.dataset.field?.slice(2);

test("what is in doubt comes in the order of the page, round its ends", () => {
  assert.deepEqual(attention.left().map(key), ["date", "seller", "total"]);
  assert.equal(key(attention.next(1, null)), "date");
  assert.equal(key(attention.next(-1, null)), "total");
  assert.equal(key(attention.next(1, field("date"))), "seller");
  assert.equal(key(attention.next(1, field("buyer"))), "total");
  assert.equal(key(attention.next(1, field("total"))), "date");
  assert.equal(key(attention.next(-1, field("date"))), "total");
});

test("what was accepted is left out until its value is another", () => {
  attention.accept(field("seller"));
  assert.deepEqual(attention.left().map(key), ["date", "total"]);
  field("seller").dataset.value = "C";
  assert.deepEqual(attention.left().map(key), ["date", "seller", "total"]);
});

test("how many are left is told beside and in the title", () => {
  attention.show();
  assert.equal(document.title, "(3) a.pdf");
  for (const one of attention.left()) attention.accept(one);
  assert.equal(document.title, "a.pdf");
  assert.equal(attention.next(1, field("total")), null);
});

test("only what is in doubt can be accepted", () => {
  attention.accept(field("number"));
  assert.equal(attention.accepted.size, 0);
});

test("of a decided document nothing is left", () => {
  page.dataset.decision = "confirmed";
  assert.deepEqual(attention.left(), []);
});
