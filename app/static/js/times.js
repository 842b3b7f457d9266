// @ts-check
/** Times, days, amounts and sizes for people. */

import { language, say } from "./texts.js";

const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
const date = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** @param {Date} instant @returns {string} */
export function timeText(instant) {
  const isToday = instant.toDateString() === new Date().toDateString();
  return `${isToday ? say("today") : day.format(instant)}, ${clock.format(instant)}`;
}

/** Write the server's UTC, and the days and amounts of invoices, as the reader does. @param {HTMLElement} place */
export function showTimes(place) {
  for (const element of /** @type {NodeListOf<HTMLTimeElement>} */ (place.querySelectorAll("time[data-time]"))) {
    const instant = new Date(element.dateTime);
    element.title = element.textContent ?? "";
    element.textContent = timeText(instant);
    element.removeAttribute("data-time");
  }
  for (const element of /** @type {NodeListOf<HTMLTimeElement>} */ (place.querySelectorAll("time[data-day]"))) {
    element.textContent = dayText(element.dateTime);
    element.removeAttribute("data-day");
  }
  for (const element of /** @type {NodeListOf<HTMLDataElement>} */ (place.querySelectorAll("data[data-money]"))) {
    const { money: currency } = element.dataset;
    element.textContent = figureText(element.value) + (currency ? ` ${currency}` : "");
    element.removeAttribute("data-money");
  }
}

/** @param {string} text a day as 2026-12-31 @returns {string} as it is where it is none */
export function dayText(text) {
  const instant = new Date(text); // a day is midnight UTC, whatever the zone here
  return Number.isNaN(instant.valueOf()) ? text : date.format(instant);
}

/** One for each number of decimals; to make one takes longer than to use it. @type {Map<number, Intl.NumberFormat>} */
const decimals = new Map();

/** @param {string} number exact, as the server writes it @returns {string} as it is where it is none */
export function figureText(number) {
  if (!/^-?\d+(\.\d{1,100})?$/.test(number)) return number;
  const digits = number.split(".")[1]?.length ?? 0;
  const format = decimals.get(digits) ?? new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  decimals.set(digits, format);
  return format.format(/** @type {any} */ (number)); // a string is formatted exactly, a number is not
}

/** As `size_text` in wording.py. @param {number} size bytes @returns {string} */
export function sizeText(size) {
  const units = [say("B"), say("kB"), say("MB"), say("GB")];
  let value = size;
  while (value >= 999.5 && units.length > 1) {
    value /= 1000;
    units.shift();
  }
  const digits = value >= 100 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits).replace(".", decimalSign)} ${units[0]}`;
}

const decimalSign = new Intl.NumberFormat(language).formatToParts(1.5)[1].value;
