// @ts-check
/** The review page of a document; while it is being read, the page follows it and fills in place. */

import { announce } from "./announce.js";
import { copyOnClick } from "./copying.js";
import { drawEvidence } from "./evidence.js";
import { follow } from "./following.js";
import { mendPictures, turnSheet } from "./pictures.js";
import { showTimes } from "./times.js";

/** @param {HTMLElement} page */
function begin(page) {
  showTimes(page);
  copyOnClick(page);
  mendPictures(page);
  turnSheet(page);
  drawEvidence(page);
}

/** Put the page as it is now in place of what is shown. */
async function renew() {
  const answer = await fetch(location.href);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  main.replaceChildren(...document.importNode(/** @type {HTMLElement} */ (fresh.getElementById("main")), true).childNodes);
  document.title = fresh.title;
  begin(main);
  announce(main.querySelector(".state")?.textContent?.trim() ?? "");
}

const page = /** @type {HTMLElement} */ (document.getElementById("document"));
begin(page);
if ("open" in page.dataset) follow(renew).add(page.dataset.job ?? "");
