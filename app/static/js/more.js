// @ts-check
/** Older documents come below the others; without scripts the link leads to a page of them. */

import { showTimes } from "./times.js";

const MOST = 1000; // rows that are shown at a time where all are asked for

/** @param {import("./list.js").List} list @returns {() => Promise<boolean>} shows all that there are; false where those are too many */
export function takeMore(list) {
  const link = /** @type {HTMLAnchorElement|null} */ (document.getElementById("more"));

  /** @param {HTMLAnchorElement} link @returns {Promise<HTMLElement[]>} the rows that came; none where the server says what is wrong */
  async function show(link) {
    const answer = await fetch(link.href).catch(() => null);
    if (!answer?.ok) {
      location.href = link.href; // which says what is wrong
      return [];
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = [...page.querySelectorAll("#rows > .row")].map((row) => /** @type {HTMLElement} */ (document.importNode(row, true)));
    list.append(rows);
    showTimes(list.rows);
    const next = /** @type {HTMLAnchorElement|null} */ (page.getElementById("more"));
    if (next) link.href = next.href;
    else link.remove();
    return rows;
  }

  link?.addEventListener("click", async (event) => {
    event.preventDefault();
    (await show(link))[0]?.querySelector("a")?.focus();
  });
  return async () => {
    while (link?.isConnected && list.rows.children.length < MOST && (await show(link)).length);
    return !link?.isConnected;
  };
}
