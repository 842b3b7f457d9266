// @ts-check
/** What scripts say, in the page's language: the server puts the texts beside their English ones into the page. */

/** @type {Record<string, string>} */
const texts = JSON.parse(document.getElementById("texts")?.textContent || "{}");

/** The page's language, for dates and numbers. */
export const language = document.documentElement.dataset.locale || undefined;

/**
 * @param {string} english the text, with places like {count}
 * @param {Record<string, string | number>} values what comes into the places
 * @returns {string}
 */
export function say(english, values = {}) {
  return (texts[english] ?? english).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
