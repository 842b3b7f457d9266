import assert from "node:assert/strict";
import { test } from "node:test";

import "./page.js";

const { rowsOf } = await import("../../app/static/js/lines.js");

const COLUMNS = ["description", "quantity", "unit_price", "net_amount"];
const KINDS = { description: "text", quantity: "number", unit_price: "number", net_amount: "number" };

test("rows of a spreadsheet become parts of lines", () => {
  const { rows, unread } = rowsOf("Bolt\t4\t0,50\t2,00\r\nNut\t8\t0,25\t2,00\r\n", COLUMNS, KINDS);
  assert.deepEqual(rows, [
    { description: "Bolt", quantity: "4", unit_price: "0.50", net_amount: "2.00" },
    { description: "Nut", quantity: "8", unit_price: "0.25", net_amount: "2.00" },
  ]);
  assert.equal(unread, 0);
});

test("an empty cell is nothing known; one that cannot be read is left out and counted", () => {
  const { rows, unread } = rowsOf("Bolt\tmany\t\t1", COLUMNS, KINDS);
  assert.deepEqual(rows, [{ description: "Bolt", unit_price: null, net_amount: "1" }]);
  assert.equal(unread, 1);
});

test("cells beyond the last column are left out", () => {
  const { rows } = rowsOf("1\t2\t3\t4", COLUMNS.slice(2), KINDS);
  assert.deepEqual(rows, [{ unit_price: "1", net_amount: "2" }]);
});

test("an empty row in the middle stays a row, at the end it is none", () => {
  assert.equal(rowsOf("a\n\nb\n\n", ["description"], KINDS).rows.length, 3);
});
