// @ts-check
/** Deletes a document after asking. */

import { ask, part } from "./parts.js";
import { token } from "./session.js";
import { say } from "./texts.js";

/** @param {HTMLElement} row @returns {Promise<boolean>} true when it is gone */
export async function askToDelete(row) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("confirm"));
  const reason = part(dialog, "reason");
  part(dialog, "name").textContent = row.dataset.name ?? "";
  reason.hidden = true;
  for (;;) {
    if ((await ask(dialog)) !== "delete") return false;
    const answer = await fetch(`/v1/documents/${row.dataset.job}`, { method: "DELETE", headers: token() }).catch(() => null);
    const status = answer?.status;
    if (status === 204 || status === 404 || status === 410) return true;
    reason.textContent = status ? say("It was not deleted: the server answered {status}.", { status }) : say("It was not deleted: the server could not be reached.");
    reason.hidden = false;
  }
}
