// @ts-check
/** The inbox: takes files, follows their jobs, deletes documents. */

import { announce } from "./announce.js";
import { takeFiles } from "./drop.js";
import { askToDelete } from "./deletion.js";
import { takeSelections } from "./bulk.js";
import { call } from "./calling.js";
import { List } from "./list.js";
import { live } from "./live.js";
import { takeMore } from "./more.js";
import { buttonOf, part } from "./parts.js";
import { say } from "./texts.js";
import { showTimes } from "./times.js";
import { askTogether, inOrder, mayBeOne } from "./together.js";
import { offerUnlock } from "./unlock.js";
import { Uploads } from "./upload.js";

const page = /** @type {HTMLElement} */ (document.getElementById("inbox"));
const list = new List(page);
const limits = {
  bytes: Number(page.dataset.maxBytes),
  files: Number(page.dataset.maxFiles),
  request: Number(page.dataset.maxRequest),
};
const uploads = new Uploads(list, limits);
const allOlder = takeMore(list);

list.onRow = (row) => offerUnlock(row, uploads);
takeSelections(list, allOlder);
const following = live({ changed: (ids) => list.refresh(ids), gone: (id) => list.gone(id), open: () => list.openIds() }, tellLost);
list.onOpen = following.add;
takeFiles(async (files) => {
  if (!mayBeOne(files, limits)) {
    uploads.add(files);
    return;
  }
  const ordered = inOrder(files);
  const answer = await askTogether(ordered);
  if (answer === "one") uploads.addTogether(ordered);
  if (answer === "each") uploads.add(files);
});

document.addEventListener("click", async (event) => {
  const button = buttonOf(event);
  if (button?.dataset.sample) {
    uploads.add([await fetchSample(button.dataset.sample, button.dataset.name ?? "sample.pdf")]);
  }
  const row = /** @type {HTMLElement} */ (button?.closest(".row"));
  if (button?.dataset.act && event.detail < 2) await act(row, button.dataset.act); // a second click would undo the first
  if (button && "delete" in button.dataset) {
    if (await askToDelete(row)) {
      list.remove(row);
      announce(say("{name} was deleted", { name: row.dataset.name ?? "" }));
    }
  }
});

showTimes(page);

/** @param {HTMLElement} row @param {string} deed cancel or retry */
async function act(row, deed) {
  const id = row.dataset.job ?? "";
  const { error } = await call("POST", `/v1/documents/${id}/${deed}`);
  if (error) part(row, "reason").textContent = error;
  else await list.refresh([id]).catch(() => undefined); // events tell it too
}

/** Say that what is shown may be old. @param {"" | "lost" | "signed out"} why */
function tellLost(why) {
  const place = /** @type {HTMLElement} */ (document.getElementById("lost"));
  place.hidden = !why;
  place.textContent = why === "lost" ? say("The server cannot be reached: what you see may be old.") : why && say("You are signed out: what you see may be old.");
}

/** @param {string} url @param {string} name */
async function fetchSample(url, name) {
  const content = await (await fetch(url)).blob();
  return new File([content], name, { type: content.type });
}
