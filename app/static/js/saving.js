// @ts-check
/** Saves corrections one after the other, each on what the one before it left, and says how that goes. */

import { inverse, placesIn } from "./patch.js";
import { token } from "./session.js";
import { problemText, reasonOf, say } from "./texts.js";

/**
 * @typedef {(result: any) => any} Change gives the merge patch for a result as it is then
 * @typedef {{number: number, change: Change, refused?: (why: string) => void, isUndo?: boolean}} Step
 */

export class Saving {
  /**
   * @param {HTMLElement} page the document; what is shown is told by its data
   * @param {() => Promise<void>} saved called when nothing is left to save
   */
  constructor(page, saved) {
    this.page = page;
    this.saved = saved;
    /** @type {Step[]} */
    this.steps = [];
    /** @type {Promise<void>|null} */
    this.running = null;
    /** @type {{number: number, patch: any}[]} */
    this.done = [];
    /** Why nothing can be saved any more, "" while it can. */
    this.stopped = "";
    /** Whether the service did not take a change, until another one is made or people were told again. */
    this.isRefused = false;
    /** @type {Map<number, any>} */
    this.results = new Map();
    /** Where people said that values stand. @type {Map<number, Record<string, unknown>>} */
    this.places = new Map();
    window.onbeforeunload = (event) => {
      if (this.steps.length) event.preventDefault();
    };
  }

  get tag() {
    return `"${this.page.dataset.tag}"`;
  }

  /** The result of an invoice as it was saved last. @param {number} number */
  result(number) {
    const known = this.results.get(number) ?? JSON.parse(document.getElementById(`json-${number}`)?.textContent ?? "null");
    this.results.set(number, known);
    return known;
  }

  /** @param {number} number */
  placesOf(number) {
    const known = this.places.get(number) ?? JSON.parse(document.getElementById(`invoice-${number}`)?.dataset.places ?? "{}");
    this.places.set(number, known);
    return known;
  }

  /** Take the last change back. */
  undo() {
    const last = this.done.pop();
    if (last) this.add({ number: last.number, change: () => last.patch, isUndo: true });
  }

  /** @param {Step} step */
  add(step) {
    if (this.stopped) return step.refused?.(this.stopped);
    if (!this.running) this.isRefused = false;
    this.steps.push(step);
    this.start();
  }

  start() {
    this.running ??= this.run().finally(() => (this.running = null));
  }

  /** @returns {Promise<boolean>} true when everything is saved */
  async settled() {
    await this.running;
    return !this.steps.length && !this.stopped && !this.isRefused;
  }

  async run() {
    while (this.steps.length) {
      this.tell(say("Saving …"));
      while (this.steps.length) {
        if (!(await this.send(this.steps[0]))) return;
        this.steps.shift();
      }
      await this.saved(); // meanwhile more may be changed
    }
  }

  /** @param {Step} step @returns {Promise<boolean>} false where it has to be sent again */
  async send(step) {
    const before = this.result(step.number);
    const places = this.placesOf(step.number);
    const patch = step.change(before);
    if (patch === null) return true;
    let answer;
    try {
      answer = await fetch(`/v1/documents/${this.page.dataset.job}/invoices/${step.number}`, {
        method: "PATCH",
        headers: { ...token(), "Content-Type": "application/merge-patch+json", "If-Match": this.tag },
        body: JSON.stringify(patch),
      });
    } catch {
      this.tell(say("Not saved: the server could not be reached."), { remedy: say("Try again"), act: () => this.start() });
      return false;
    }
    if (answer.ok) {
      const document_ = await answer.json();
      this.seen(answer, document_);
      if (!step.isUndo) this.done.push({ number: step.number, patch: inverse(before, patch, places) });
      this.tell(say("Saved"));
      return true;
    }
    const problem = await answer.json().catch(() => ({}));
    if (answer.status === 422 || answer.status === 400) {
      const why = problem.errors?.[0]?.detail ?? (problemText(problem) || say("The value is not valid."));
      this.tell(say("Not saved: {why}", { why }), { isBad: true });
      this.isRefused = true;
      step.refused?.(why);
      return true;
    }
    this.stop(answer.status, problem);
    return false;
  }

  /** @param {Response} answer @param {any} found the document as the service has it now */
  seen(answer, found) {
    this.page.dataset.tag = (answer.headers.get("ETag") ?? "").replaceAll('"', "");
    found.invoices.forEach((/** @type {any} */ invoice, /** @type {number} */ index) => {
      this.results.set(index + 1, invoice.result);
      this.places.set(index + 1, placesIn(invoice.evidence));
    });
  }

  /** Say why it was not done, and what to do. @param {number} status @param {any} problem @param {() => void} again does it again */
  stop(status, problem, again = () => this.start()) {
    const why = reasonOf(status, problem);
    const tryAgain = { remedy: say("Try again"), act: again };
    if (status === 401) {
      const said = say("Not saved: the key is not valid any more.");
      const signIn = () => {
        open(`/login?next=${location.pathname}`); // beside this page, which keeps what was typed
        this.tell(said, tryAgain);
      };
      this.tell(said, { remedy: say("Sign in"), act: signIn });
    } else if (status === 429 || status >= 500) this.tell(say("Not saved: {why}", { why }), tryAgain);
    else {
      const stale = status === 412;
      this.stopped = stale ? say("Somebody else changed this document.") : why;
      this.steps.length = 0;
      this.tellOld(stale ? say("Not saved: somebody else changed this document meanwhile.") : say("Not saved: {why}", { why }));
    }
  }

  /** @param {string} words why what is shown is not what the service has */
  tellOld(words) {
    this.tell(words, { remedy: say("Show it as it is now"), act: () => location.reload() });
  }

  /** @param {string} words @param {{remedy?: string, act?: () => void, isBad?: boolean}} [more] what can be done, and whether something went wrong */
  tell(words, { remedy = "", act, isBad = Boolean(remedy) } = {}) {
    const place = document.getElementById("saved");
    const button = /** @type {HTMLButtonElement|null} */ (document.getElementById("mend"));
    if (!place || !button) return;
    place.textContent = words;
    place.className = isBad ? "broken" : "";
    button.hidden = !remedy;
    button.textContent = remedy;
    button.onclick = act ?? null;
  }
}
