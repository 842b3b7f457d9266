// @ts-check
/** Deletes a document after asking. */

import { call } from "./calling.js";
import { ask, part } from "./parts.js";

/** @param {HTMLElement} row @returns {Promise<boolean>} true when it is gone */
export async function askToDelete(row) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("confirm"));
  const reason = part(dialog, "reason");
  part(dialog, "name").textContent = row.dataset.name ?? "";
  reason.hidden = true;
  for (;;) {
    if ((await ask(dialog)) !== "delete") return false;
    const { error, status } = await call("DELETE", `/v1/documents/${row.dataset.job}`);
    if (!error || status === 404 || status === 410) return true;
    reason.textContent = error;
    reason.hidden = false;
  }
}
