// @ts-check
/** The values that need a look: which are left, which a person accepted as they are, which comes next. */

import { fieldOf } from "./evidence.js";
import { many, say } from "./texts.js";

export class Attention {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.page = page;
    this.title = document.title.replace(/^\(\d+\) /, "");
    /** Values that were accepted, by the key of their field. @type {Map<string, string>} */
    this.accepted = new Map();
  }

  /** @returns {HTMLElement[]} the fields that still need a look, in the order of the page */
  left() {
    if (this.page.dataset.decision) return [];
    const fields = /** @type {NodeListOf<HTMLElement>} */ (this.page.querySelectorAll('[data-state="look"], [data-state="failed"]'));
    return [...fields].filter((field) => !this.isAccepted(field));
  }

  /** @param {HTMLElement} field */
  isAccepted(field) {
    return this.accepted.get(field.dataset.field ?? "") === field.dataset.value;
  }

  /** Take the value of a field as right. @param {HTMLElement} field */
  accept(field) {
    if (!["look", "failed"].includes(field.dataset.state ?? "")) return;
    this.accepted.set(field.dataset.field ?? "", field.dataset.value ?? "");
    this.show();
  }

  /** The next field that needs a look, round the end; null when none is left. @param {1|-1} way @param {HTMLElement|null} from @returns {HTMLElement|null} */
  next(way, from = fieldOf(document.activeElement)) {
    const left = this.left().filter((field) => field !== from);
    if (!from) return (way > 0 ? left[0] : left.at(-1)) ?? null;
    const follows = Node.DOCUMENT_POSITION_FOLLOWING;
    const beyond = left.filter((field) => Boolean(from.compareDocumentPosition(field) & follows) === way > 0);
    return (way > 0 ? (beyond[0] ?? left[0]) : (beyond.at(-1) ?? left.at(-1))) ?? null;
  }

  /** Show what was accepted, and how many are left. */
  show() {
    for (const field of /** @type {NodeListOf<HTMLElement>} */ (this.page.querySelectorAll("[data-state]"))) {
      if (this.isAccepted(field)) mark(field);
    }
    const left = this.left().length;
    document.title = left ? `(${left}) ${this.title}` : this.title;
    const place = this.page.querySelector("#left");
    if (!place) return;
    if (this.page.dataset.decision) place.textContent = this.page.dataset.decision === "confirmed" ? say("Confirmed") : say("Rejected");
    else place.textContent = left ? many("{count} left to check", "{count} left to check", left) : say("Nothing left to check");
  }
}

/** @param {HTMLElement} field */
function mark(field) {
  field.classList.remove("look", "failed");
  const place = field.querySelector(".mark");
  if (!place || place.classList.contains("yours")) return;
  place.className = "mark yours";
  place.setAttribute("title", say("You accepted it as it is."));
  place.querySelector("use")?.setAttribute("href", "#i-state-yours");
  const word = place.querySelector("span");
  if (word) word.textContent = say("Confirmed by you");
}
