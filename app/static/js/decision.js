// @ts-check
/** Confirms, rejects, reopens or cancels a document, or has it read again. */

import { token } from "./session.js";
import { say } from "./texts.js";

/**
 * @param {HTMLElement} page
 * @param {import("./saving.js").Saving} saving
 * @param {() => Promise<void>} renew shows the document as it is now
 * @returns {{confirm: () => Promise<void>}}
 */
export function decide(page, saving, renew) {
  let isBusy = false;

  /** @param {string} what @param {unknown} [body] @returns {Promise<boolean>} */
  async function post(what, body) {
    if (isBusy || !(await saving.settled())) return false;
    isBusy = true; // a second press would come with a version that is not the last one any more
    /** @type {Record<string, string>} */
    const headers = { ...token(), "If-Match": saving.tag };
    if (body) headers["Content-Type"] = "application/json";
    try {
      const answer = await fetch(`/v1/documents/${page.dataset.job}/${what}`, { method: "POST", headers, body: body ? JSON.stringify(body) : undefined });
      const found = await answer.json().catch(() => ({}));
      if (answer.ok) saving.seen(answer, found);
      else saving.stop(answer.status, found);
      return answer.ok;
    } catch {
      saving.tell(say("Not done: the server could not be reached. Try again."), { isBad: true });
      return false;
    } finally {
      isBusy = false;
    }
  }

  async function confirm() {
    if (page.dataset.decision === "confirmed" || !(await post("confirm"))) return;
    const next = page.dataset.next;
    if (next) location.assign(`/documents/${next}`);
    else {
      page.dataset.decision = "confirmed";
      await renew();
      saving.tell(say("Confirmed. No other document needs a look."));
      page.querySelector("a.back") instanceof HTMLElement && /** @type {HTMLElement} */ (page.querySelector("a.back")).focus();
    }
  }

  async function reject() {
    if (!(await post("reject"))) return;
    page.dataset.decision = "rejected";
    await renew();
    saving.tell(say("Rejected"));
  }

  async function reopen() {
    if (!(await post("reopen"))) return;
    await renew();
    saving.tell(say("Reopened"));
  }

  async function again() {
    const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("again"));
    dialog.returnValue = "";
    dialog.showModal();
    await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
    if (dialog.returnValue !== "retry") return;
    const engine = /** @type {HTMLSelectElement} */ (document.getElementById("engine")).value;
    if (await post("retry", engine ? { engine } : {})) location.reload();
  }

  /** @type {Record<string, () => unknown>} */
  const acts = {
    confirm,
    reject,
    reopen,
    retry: again,
    cancel: async () => (await post("cancel")) && location.reload(),
    help: () => /** @type {HTMLDialogElement} */ (document.getElementById("keys")).showModal(),
  };
  page.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-decide]") : null;
    if (button instanceof HTMLElement) acts[button.dataset.decide ?? ""]?.();
  });
  return { confirm };
}
