// @ts-check
/** Confirms, rejects, reopens or cancels a document, or has it read again. */

import { ask, buttonOf } from "./parts.js";
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

  /** @param {string} what @param {() => unknown} done what follows @param {unknown} [body] */
  async function post(what, done, body) {
    if (isBusy) return;
    if (!(await saving.settled())) {
      saving.isRefused = false; // what was refused is on the page now: who decides again means it
      return;
    }
    isBusy = true; // a second press would come with a version that is not the last one any more
    /** @type {Record<string, string>} */
    const headers = { ...token(), "If-Match": saving.tag };
    if (body) headers["Content-Type"] = "application/json";
    try {
      const answer = await fetch(`/v1/documents/${page.dataset.job}/${what}`, { method: "POST", headers, body: body ? JSON.stringify(body) : undefined });
      const found = await answer.json().catch(() => ({}));
      if (!answer.ok) return saving.stop(answer.status, found, () => post(what, done, body));
      saving.seen(answer, found);
    } catch {
      return saving.tell(say("Not done: the server could not be reached. Try again."), { isBad: true });
    } finally {
      isBusy = false;
    }
    await done();
  }

  async function confirm() {
    if (page.dataset.decision !== "confirmed") await post("confirm", confirmed);
  }

  async function confirmed() {
    const next = page.dataset.next;
    if (next) return location.assign(`/documents/${next}`);
    page.dataset.decision = "confirmed";
    saving.tell(say("Confirmed. No other document needs a look."));
    await renew();
    /** @type {HTMLElement|null} */ (page.querySelector("a.back"))?.focus();
  }

  /** @param {string} word */
  async function told(word) {
    saving.tell(word);
    await renew();
  }

  async function again() {
    const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("again"));
    if ((await ask(dialog)) !== "retry") return;
    const engine = /** @type {HTMLSelectElement} */ (document.getElementById("engine")).value;
    await post("retry", () => location.reload(), engine ? { engine } : {});
  }

  /** @type {Record<string, () => unknown>} */
  const acts = {
    confirm,
    reject: () => post("reject", () => told(say("Rejected"))),
    reopen: () => post("reopen", () => told(say("Reopened"))),
    retry: again,
    cancel: () => post("cancel", () => location.reload()),
    help: () => /** @type {HTMLDialogElement} */ (document.getElementById("keys")).showModal(),
  };
  page.addEventListener("click", (event) => {
    acts[buttonOf(event)?.dataset.decide ?? ""]?.();
  });
  return { confirm };
}
