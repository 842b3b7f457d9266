// @ts-check
/** What a person types for a value, as it is stored: numbers, dates and codes in the ways people write them. */

import { say } from "./texts.js";

/**
 * @typedef {{value: unknown}|{wrong: string}} Read the value (null for none), or why it is none
 */

/** @param {string} kind @param {string} text @param {string} [locale] @returns {Read} */
export function read(kind, text, locale) {
  const typed = text.trim();
  if (!typed) return { value: null };
  const reader = READERS[kind];
  return reader ? reader(typed, locale) : { value: typed };
}

/** @type {Record<string, (text: string, locale?: string) => Read>} */
const READERS = {
  number: readNumber,
  figure: readFigure,
  date: readDate,
  truth: (text) => ({ value: text === "yes" }),
  currency: readCurrency,
  country: (text) => code(text, 2, say("Write two letters, as DE")),
  iban: (text) => ({ value: text.replace(/\s/g, "").toUpperCase() }),
};

/** A stored value as the reader would type it. @param {string} kind @param {string} value @param {string} [locale] */
export function written(kind, value, locale) {
  if (kind === "iban") return value.replace(/.{4}(?=.)/g, "$& ");
  if (kind !== "number" && kind !== "figure") return value;
  return value.replace(".", new Intl.NumberFormat(locale).formatToParts(1.5)[1].value);
}

const SIGNS = { "€": "EUR", $: "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₺": "TRY", "₽": "RUB", "₴": "UAH", "₩": "KRW" };

/** @param {string} text @param {string} [locale] @returns {Read} */
function readNumber(text, locale) {
  const minus = /^\s*[-−–(]|[-−–]\s*$/.test(text);
  const plain = text.replace(/[\s'’()+−–-]|%$|^[A-Z]{3}(?=[\d ])|[A-Z]{3}$|[€$£¥₹₺₽₴₩]/g, "");
  if (!/^[\d.,]*\d[\d.,]*$/.test(plain)) return { wrong: say("Not a number") };
  const point = decimalSign(plain, locale);
  const [whole, rest = "", more] = point ? plain.split(point) : [plain];
  const grouped = whole.split(point === "," ? "." : point === "." ? "," : /[.,]/);
  const groups = grouped.slice(1).every((group) => group.length === 3 || group.length === 2);
  if (more !== undefined || /[.,]/.test(rest) || !groups) return { wrong: say("Not a number") };
  const digits = grouped.join("").replace(/^0+(?=\d)/, "") || "0";
  return { value: `${minus ? "-" : ""}${digits}${rest ? `.${rest}` : ""}` };
}

/** The sign before the cents, "" where there is none. @param {string} plain @param {string} [locale] */
function decimalSign(plain, locale) {
  const signs = [...plain.replace(/\d/g, "")];
  const last = signs.at(-1);
  if (!last) return "";
  if (new Set(signs).size > 1) return last;
  if (signs.length > 1) return ""; // 1.234.567
  if (plain.split(last)[1].length !== 3 || plain.startsWith("0")) return last;
  return new Intl.NumberFormat(locale).format(1.5).includes(last) ? last : ""; // 1,234 is what the reader's country says
}

/** @param {string} text @param {string} [locale] @returns {Read} */
function readFigure(text, locale) {
  const found = readNumber(text, locale);
  return "wrong" in found ? found : { value: Number(found.value) };
}

/** @param {string} text @returns {Read} */
function readCurrency(text) {
  const known = /** @type {Record<string, string>} */ (SIGNS)[text];
  return known ? { value: known } : code(text, 3, say("Write three letters, as EUR"));
}

/** @param {string} text @param {number} length @param {string} wrong @returns {Read} */
function code(text, length, wrong) {
  const upper = text.toUpperCase();
  return upper.length === length && /^[A-Z]+$/.test(upper) ? { value: upper } : { wrong };
}

/** @param {string} text @param {string} [locale] @returns {Read} */
function readDate(text, locale) {
  const iso = /^(\d{4})[-./](\d{1,2})[-./](\d{1,2})$/.exec(text);
  if (iso) return dateOf(iso[1], iso[2], iso[3]);
  const plain = /^(\d{1,2})\s*([-./ ])\s*(\d{1,2})\s*[-./ ]\s*(\d{4}|\d{2})$/.exec(text);
  if (plain) {
    const [, first, sign, second, year] = plain;
    const monthFirst = Number(second) > 12 || (Number(first) <= 12 && sign !== "." && isMonthFirst(locale));
    return monthFirst ? dateOf(year, first, second) : dateOf(year, second, first);
  }
  const words = text.toLowerCase().match(/\p{L}+|\d+/gu) ?? [];
  const month = words.map((word) => monthOf(word, locale)).find(Boolean);
  const numbers = words.filter((word) => /^\d+$/.test(word));
  const year = numbers.find((number) => number.length === 4) ?? numbers[1];
  const day = numbers.find((number) => number !== year);
  return month && year && day ? dateOf(year, String(month), day) : { wrong: say("Not a date. Write it as 2026-12-31") };
}

/** @param {string} [locale] */
function isMonthFirst(locale) {
  const parts = new Intl.DateTimeFormat(locale).formatToParts(0).map((part) => part.type);
  return parts.indexOf("month") < parts.indexOf("day");
}

/** The month that a word begins, 0 for none. @param {string} word @param {string} [locale] */
function monthOf(word, locale) {
  if (word.length < 3 || /\d/.test(word)) return 0;
  for (const language of [locale, "en", "de", "fr", "es", "it", "nl", "pt", "pl"]) {
    const name = new Intl.DateTimeFormat(language, { month: "long", day: "numeric" });
    for (let month = 0; month < 12; month += 1) {
      const part = name.formatToParts(new Date(2026, month, 15)).find((one) => one.type === "month");
      if (part && part.value.toLowerCase().startsWith(word)) return month + 1;
    }
  }
  return 0;
}

/** @param {string} year @param {string} month @param {string} day @returns {Read} */
function dateOf(year, month, day) {
  const full = year.length === 2 ? `20${year}` : year;
  const value = `${full}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const made = new Date(`${value}T00:00:00Z`);
  const exists = !Number.isNaN(made.getTime()) && made.toISOString().startsWith(value);
  return exists ? { value } : { wrong: say("There is no such day") };
}
