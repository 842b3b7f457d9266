// @ts-check
/** Says something to screen readers; what comes in one burst is said as one sentence. */

import { say } from "./texts.js";

/** @type {string[]} */
let waiting = [];

/** @param {string} text */
export function announce(text) {
  waiting.push(text);
  if (waiting.length === 1) {
    setTimeout(() => {
      const said = waiting.length > 4 ? say("{count} changes; last: {text}", { count: waiting.length, text: waiting.at(-1) ?? "" }) : waiting.join(". ");
      const place = document.getElementById("announcer");
      if (place) place.textContent = said;
      waiting = [];
    }, 300);
  }
}
