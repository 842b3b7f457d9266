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
    const instant = new Date(element.dateTime); // a day is midnight UTC, whatever the zone here
    if (!Number.isNaN(instant.valueOf())) element.textContent = date.format(instant);
    element.removeAttribute("data-day");
  }
  for (const element of /** @type {NodeListOf<HTMLDataElement>} */ (place.querySelectorAll("data[data-money]"))) {
    element.textContent = moneyText(element.value, element.dataset.money ?? "");
    element.removeAttribute("data-money");
  }
}

/** @param {string} amount exact, as the server writes it @param {string} currency "" where it is not known @returns {string} */
function moneyText(amount, currency) {
  const digits = amount.split(".")[1]?.length ?? 0;
  const decimal = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const text = decimal.format(/** @type {any} */ (amount)); // a string is formatted exactly, a number is not
  return currency ? `${text} ${currency}` : text;
}

/** As `size_text` in wording.py. @param {number} size bytes @returns {string} */
export function sizeText(size) {
  if (size < 1000) return `${size} B`;
  const units = ["kB", "MB", "GB"];
  let value = size / 1000;
  while (value >= 999.5 && units.length > 1) {
    value /= 1000;
    units.shift();
  }
  return `${value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)} ${units[0]}`;
}
