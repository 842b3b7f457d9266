// @ts-check
/** What scripts say, in the page's language: the server puts the texts beside their English ones into the page. */

/** @type {Record<string, string | string[]>} a text, or its forms for one and for more */
const texts = JSON.parse(document.getElementById("texts")?.textContent || "{}");

/** The reader's way of writing dates and numbers, in the page's language. */
export const language = document.documentElement.dataset.locale || undefined;

const plurals = new Intl.PluralRules(document.documentElement.lang || undefined);

/**
 * @param {string} english the text, with places like {count}
 * @param {Record<string, string | number>} values what comes into the places
 * @returns {string}
 */
export function say(english, values = {}) {
  return filled(String(texts[english] ?? english), values);
}

/**
 * @param {string} one the text for one thing, with {count} for the number
 * @param {string} more the text for more or none
 * @param {number} count
 * @param {Record<string, string | number>} values what comes into the other places
 * @returns {string}
 */
export function many(one, more, count, values = {}) {
  const forms = texts[one] ?? [one, more];
  return filled(forms[plurals.select(count) === "one" ? 0 : 1], { count, ...values });
}

/**
 * What an answer that refuses says. Its detail is English, so in other languages the title stands for it.
 * @param {{title?: string, detail?: string, hint?: string}|null|undefined} problem
 * @returns {string} "" for an answer that says nothing
 */
export function problemText(problem) {
  const { title = "", detail = "", hint = "" } = problem ?? {};
  if (!(title in texts)) return [detail || title, hint].filter(Boolean).join(" ");
  return [`${say(title)}.`, hint in texts && say(hint)].filter(Boolean).join(" ");
}

/** Why the server refused. @param {number} status @param {any} problem */
export function reasonOf(status, problem) {
  return problemText(problem) || say("The server answered {status}.", { status });
}

/** @param {string} text @param {Record<string, string | number>} values */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
