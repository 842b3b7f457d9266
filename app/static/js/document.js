// @ts-check
/** The review page of a document; while it is being read, the page follows it and fills in place. */

import { announce } from "./announce.js";
import { Attention } from "./attention.js";
import { copyOnClick } from "./copying.js";
import { decide } from "./decision.js";
import { Editing } from "./editing.js";
import { drawEvidence } from "./evidence.js";
import { follow } from "./following.js";
import { listen } from "./keyboard.js";
import { changeLines } from "./lines.js";
import { patchOf } from "./patch.js";
import { fetchAhead, mendPictures, turnSheet } from "./pictures.js";
import { placeOnPages } from "./placing.js";
import { remember, replaceParts } from "./renewal.js";
import { Saving } from "./saving.js";
import { say } from "./texts.js";
import { showTimes } from "./times.js";
import { viewPages } from "./view.js";

/** @param {HTMLElement} page */
function begin(page) {
  remember(page);
  showTimes(page);
  copyOnClick(page);
  mendPictures(page);
  turnSheet(page);
  drawEvidence(page);
  if (page.querySelector(".answer")) review(page);
  else decide(page, new Saving(page, renew), renew);
}

/** Let a person correct and decide. @param {HTMLElement} page */
function review(page) {
  const attention = new Attention(page);
  const saving = new Saving(page, renewParts);
  const editing = new Editing(page, (key, value, refused, place) => {
    const number = parseInt(key, 10);
    const pointer = key.slice(String(number).length);
    const stands = place && { evidence: { [pointer]: place } };
    saving.add({ number, change: (result) => ({ ...(value !== undefined && patchOf(result, pointer, value)), ...stands }), refused });
  });

  async function renewParts() {
    const fresh = await fetched().catch(() => null);
    if (!fresh) return saving.tellOld(say("Saved; what is shown is old."));
    if (saving.steps.length) return; // something else was changed meanwhile: what it leaves is shown
    const shown = /** @type {HTMLElement} */ (fresh.getElementById("document"));
    if (shown.dataset.decision) page.dataset.decision = shown.dataset.decision;
    else delete page.dataset.decision;
    const open = editing.suspend();
    replaceParts(page, shown);
    showTimes(page);
    editing.resume(open);
    attention.show();
  }

  const { confirm } = decide(page, saving, renewParts);
  const view = viewPages(page);
  const place = placeOnPages(page, editing);
  changeLines(page, saving, editing);
  fetchAhead(page);
  listen(page, editing, attention, { confirm, undo: () => saving.undo(), view, place });
  attention.show();
  const wide = matchMedia("(min-width: 821px)").matches;
  if (wide && document.activeElement === document.body) attention.next(1, null)?.focus();
}

/** The page as it is now; an error where the server has none to show. @returns {Promise<Document>} */
async function fetched() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) throw new Error(`page: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Put the page as it is now in place of what is shown. */
async function renew() {
  const fresh = await fetched();
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  main.replaceChildren(...document.importNode(/** @type {HTMLElement} */ (fresh.getElementById("main")), true).childNodes);
  document.title = fresh.title;
  begin(/** @type {HTMLElement} */ (document.getElementById("document")));
  announce(main.querySelector(".state")?.textContent?.trim() ?? "");
}

const page = /** @type {HTMLElement} */ (document.getElementById("document"));
begin(page);
if ("open" in page.dataset) follow(renew).add(page.dataset.job ?? "");
