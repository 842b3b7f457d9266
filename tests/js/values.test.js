import assert from "node:assert/strict";
import { test } from "node:test";

import "./page.js";

const { read, written } = await import("../../app/static/js/values.js");

/** @param {string} kind @param {string} typed @param {string} [locale] */
function stored(kind, typed, locale = "en") {
  const found = read(kind, typed, locale);
  return "wrong" in found ? undefined : found.value;
}

test("amounts are read in the ways people write them", () => {
  for (const [typed, locale, value] of [
    ["1.234,50", "en", "1234.50"],
    ["1,234.50", "de", "1234.50"],
    ["1'234.50", "de-CH", "1234.50"],
    ["1’234.50", "de-CH", "1234.50"],
    ["12 345,6 €", "fr", "12345.6"],
    ["12\u202f345,60", "fr", "12345.60"],
    ["8.765.329", "en", "8765329"],
    ["1,23,456.7", "en-IN", "123456.7"],
    ["USD 5", "en", "5"],
    ["$5", "en", "5"],
    ["0042.80", "en", "42.80"],
    ["0,125", "en", "0.125"],
    ["19 %", "de", "19"],
    ["0", "en", "0"],
  ]) {
    assert.equal(stored("number", typed, locale), value, `${typed} in ${locale}`);
  }
});

test("three digits after one sign are what the reader's country says", () => {
  assert.equal(stored("number", "1.234", "de"), "1234");
  assert.equal(stored("number", "1.234", "en"), "1.234");
  assert.equal(stored("number", "1,234", "en"), "1234");
  assert.equal(stored("number", "1,234", "de"), "1.234");
});

test("a minus stands before, behind, or as brackets", () => {
  for (const typed of ["-5.00", "−5.00", "–5.00", "5.00-", "(5.00)"]) assert.equal(stored("number", typed), "-5.00", typed);
});

test("what is no number is refused, with a reason", () => {
  for (const typed of ["twelve", "1,2,3", "1.2.3.4", "5 apples", "12,34,5x", "."]) {
    const found = read("number", typed, "en");
    assert.ok("wrong" in found && found.wrong, typed);
  }
});

test("digits are kept as they are typed, never through floating point", () => {
  assert.equal(stored("number", "12345678901234567890.10"), "12345678901234567890.10");
});

test("a figure of one's own fields is a number of JSON", () => {
  assert.equal(stored("figure", "1.234,5", "de"), 1234.5);
  assert.equal(stored("figure", "many"), undefined);
});

test("dates are read in the ways people write them", () => {
  for (const [typed, locale, value] of [
    ["2026-12-02", "en", "2026-12-02"],
    ["2026/3/9", "en", "2026-03-09"],
    ["2.12.26", "en-US", "2026-12-02"],
    ["11/03/2026", "en-US", "2026-11-03"],
    ["11/03/2026", "en-GB", "2026-03-11"],
    ["13/11/2026", "en-US", "2026-11-13"],
    ["11/13/2026", "en-GB", "2026-11-13"],
    ["3 mars 2026", "en", "2026-03-03"],
    ["Nov 3, 2026", "de", "2026-11-03"],
    ["3. Februar 2026", "en", "2026-02-03"],
    ["4 de octubre de 2026", "en", "2026-10-04"],
    ["5 août 26", "fr", "2026-08-05"],
  ]) {
    assert.equal(stored("date", typed, locale), value, `${typed} in ${locale}`);
  }
});

test("a day that is in no calendar is none", () => {
  for (const typed of ["29.2.2026", "31.4.2026", "2026-13-01", "0.1.2026", "soon", "2026"]) assert.equal(stored("date", typed, "de"), undefined, typed);
  assert.equal(stored("date", "29.2.2028", "de"), "2028-02-29");
});

test("codes are written in capitals, and have their length", () => {
  assert.equal(stored("currency", "€"), "EUR");
  assert.equal(stored("currency", "usd"), "USD");
  assert.equal(stored("currency", "euro"), undefined);
  assert.equal(stored("country", "de"), "DE");
  assert.equal(stored("country", "deu"), undefined);
  assert.equal(stored("iban", "de02 1203 0000 0000 2020 51"), "DE02120300000000202051");
});

test("choices are stored as the service names them", () => {
  assert.equal(stored("type", "credit_note"), "credit_note");
  assert.equal(stored("truth", "yes"), true);
  assert.equal(stored("truth", "no"), false);
});

test("nothing typed is nothing known, and a text loses the space around it", () => {
  for (const kind of ["number", "date", "text", "iban"]) assert.equal(stored(kind, "  "), null);
  assert.equal(stored("text", "  as it is "), "as it is");
});

test("what a value is written as is read as that value, in each language", () => {
  for (const locale of ["en", "en-GB", "en-IN", "de", "de-CH", "fr", "es", "pl", "sv"]) {
    for (const value of ["1234.50", "0.125", "1.234", "-5.00", "8130000", "12345678.901", "7"]) assert.equal(stored("number", written("number", value, locale), locale), value, `${value} in ${locale}`);
    assert.equal(stored("iban", written("iban", "DE02120300000000202051", locale)), "DE02120300000000202051");
    for (const value of ["2026-11-03", "2026-12-31"]) assert.equal(stored("date", written("date", value, locale), locale), value, `${value} in ${locale}`);
  }
});
