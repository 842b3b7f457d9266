// @ts-check
/** Older documents come below the others; without scripts the link leads to a page of them. */

import { showTimes } from "./times.js";

/** @param {import("./list.js").List} list */
export function takeMore(list) {
  const link = /** @type {HTMLAnchorElement|null} */ (document.getElementById("more"));
  link?.addEventListener("click", async (event) => {
    event.preventDefault();
    const answer = await fetch(link.href).catch(() => null);
    if (!answer?.ok) {
      location.href = link.href; // which says what is wrong
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = [...page.querySelectorAll("#rows > .row")].map((row) => document.importNode(row, true));
    list.append(/** @type {HTMLElement[]} */ (rows));
    showTimes(list.rows);
    const next = /** @type {HTMLAnchorElement|null} */ (page.getElementById("more"));
    if (next) link.href = next.href;
    else link.remove();
    rows[0]?.querySelector("a")?.focus();
  });
}
