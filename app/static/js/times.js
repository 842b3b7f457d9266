// @ts-check
/** Times and sizes for people. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** Turn the server's UTC into the reader's own time. @param {HTMLElement} place */
export function showTimes(place) {
  for (const element of /** @type {NodeListOf<HTMLTimeElement>} */ (place.querySelectorAll("time[data-time]"))) {
    const instant = new Date(element.dateTime);
    const isToday = instant.toDateString() === new Date().toDateString();
    element.title = element.textContent ?? "";
    element.textContent = `${isToday ? "today" : day.format(instant)}, ${clock.format(instant)}`;
    element.removeAttribute("data-time");
  }
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
