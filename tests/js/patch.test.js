import assert from "node:assert/strict";
import { test } from "node:test";

import { inverse, patchOf, placesIn, steps } from "../../app/static/js/patch.js";

test("a pointer's steps lose their escapes, in the order of RFC 6901", () => {
  assert.deepEqual(steps("/custom/a~1b/~01"), ["custom", "a/b", "~1"]);
  assert.deepEqual(steps(""), []);
});

test("a value of an object is patched alone", () => {
  const result = { seller: { name: "A", address: { city: "B" } } };
  assert.deepEqual(patchOf(result, "/seller/address/city", "C"), { seller: { address: { city: "C" } } });
  assert.deepEqual(patchOf(result, "/invoice_number", "7"), { invoice_number: "7" });
});

test("a list on the way goes whole, with what stands beside the value", () => {
  const result = { lines: [{ id: "1", net_amount: "5" }, { id: "2" }], notes: [] };
  assert.deepEqual(patchOf(result, "/lines/0/net_amount", "6"), { lines: [{ id: "1", net_amount: "6" }, { id: "2" }] });
  assert.equal(result.lines[0].net_amount, "5"); // what was given is not touched
});

test("a list that is not there yet is made", () => {
  assert.deepEqual(patchOf({ payment: null }, "/payment/accounts/0/iban", "X"), { payment: { accounts: [{ iban: "X" }] } });
});

test("null takes a value away", () => {
  assert.deepEqual(patchOf({ seller: { name: "A" } }, "/seller/name", null), { seller: { name: null } });
});

test("the inverse of a patch makes all it touched as it was", () => {
  const before = { seller: { name: "A" }, lines: [{ id: "1" }], due_date: null };
  const patch = { seller: { name: "B" }, lines: [], due_date: "2026-01-02", note: "new" };
  assert.deepEqual(inverse(before, patch, {}), { seller: { name: "A" }, lines: [{ id: "1" }], due_date: null, note: null });
});

test("the inverse gives back the places of what the patch touched, and takes away those that it gave", () => {
  const place = { page: 1, boxes: [[0.1, 0.1, 0.2, 0.2]] };
  const before = { lines: [{ id: "1" }], due_date: "2026-01-02" };
  const places = { "/lines/0/id": place, "/buyer/name": place };
  assert.deepEqual(inverse(before, { lines: [] }, places), { lines: [{ id: "1" }], evidence: { "/lines/0/id": place } });
  assert.deepEqual(inverse(before, { due_date: "2026-02-02", evidence: { "/due_date": place } }, places), {
    due_date: "2026-01-02",
    evidence: { "/due_date": null },
  });
  assert.deepEqual(inverse(before, { evidence: { "/buyer/name": null } }, places), { evidence: { "/buyer/name": place } });
});

test("the places that people gave are told from those that the machine found", () => {
  const found = { page: 2, boxes: [[0.1, 0.1, 0.2, 0.2]] };
  const evidence = { "/a": { origin: "person", ...found, level: "high" }, "/b": { origin: "text", ...found }, "/c": { origin: "person", page: null, boxes: [] } };
  assert.deepEqual(placesIn(evidence), { "/a": found });
});
