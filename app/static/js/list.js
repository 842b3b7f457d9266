// @ts-check
/** The list of documents. Rows of known jobs are rendered by the server, so that words live there. */

import { announce } from "./announce.js";
import { showTimes, sizeText } from "./times.js";

export class List {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.section = /** @type {HTMLElement} */ (page.querySelector("#list"));
    this.rows = /** @type {HTMLElement} */ (page.querySelector("#rows"));
    this.template = /** @type {HTMLTemplateElement} */ (document.getElementById("sending"));
    /** Called with the id of each job that is not final yet. @type {(id: string) => void} */
    this.onOpen = () => {};
  }

  /** @returns {string[]} ids of jobs on their way, oldest first, as they will be read */
  openIds() {
    return [...this.rows.querySelectorAll("[data-open]")].map((row) => /** @type {HTMLElement} */ (row).dataset.job ?? "").reverse();
  }

  /** Put a row for what is about to be sent at the top. @param {{name: string, size: number}} file @returns {HTMLElement} */
  begin(file) {
    const copy = /** @type {DocumentFragment} */ (this.template.content.cloneNode(true));
    const row = /** @type {HTMLElement} */ (copy.firstElementChild);
    part(row, "name").textContent = file.name;
    part(row, "size").textContent = sizeText(file.size);
    this.section.hidden = false;
    this.rows.prepend(row);
    return row;
  }

  /** Say in a row why its file was not taken. @param {HTMLElement} row @param {string} reason @param {(() => void)=} again */
  refuse(row, reason, again) {
    part(row, "word").textContent = "Not sent";
    part(row, "reason").textContent = reason;
    part(row, "reason").hidden = false;
    const state = part(row, "state");
    state.className = "state failed";
    state.querySelector("use")?.setAttribute("href", "#i-failed");
    const button = part(row, "again");
    button.hidden = !again;
    button.onclick = again ?? null;
    announce(`${part(row, "name").textContent}: ${reason}`);
  }

  /** Show a row as being sent (again). @param {HTMLElement} row */
  sending(row) {
    part(row, "word").textContent = "Sending";
    part(row, "reason").hidden = true;
    part(row, "again").hidden = true;
    const state = part(row, "state");
    state.className = "state runs";
    state.querySelector("use")?.setAttribute("href", "#i-runs");
  }

  /** Fetch the rows of these jobs and put them in place. @param {string[]} ids */
  async refresh(ids) {
    if (ids.length > 100) await this.refresh(ids.splice(100));
    const answer = await fetch(`/documents/rows?ids=${ids.join(",")}`);
    if (!answer.ok) throw new Error(`rows: ${answer.status}`);
    const fragment = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (fragment.querySelectorAll(".row"))) {
      this.#place(document.importNode(row, true));
    }
  }

  /** @param {HTMLElement} row */
  #place(row) {
    const old = this.#row(row.dataset.job ?? "");
    if (!old) return;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const word = old.dataset.word;
    old.replaceWith(row);
    showTimes(row);
    if (focused instanceof HTMLElement) {
      /** @type {HTMLElement|null} */ (row.querySelector(focused.matches("a") ? "a" : "[data-delete]"))?.focus();
    }
    if (row.dataset.word !== word && !("open" in row.dataset)) announce(`${row.dataset.name}: ${row.dataset.word}`);
    if ("open" in row.dataset) this.onOpen(row.dataset.job ?? "");
  }

  /** @param {string} id @returns {HTMLElement|null} */
  #row(id) {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.rows.querySelectorAll(".row"))].find((row) => row.dataset.job === id) ?? null;
  }

  /** @param {HTMLElement} row */
  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.section.hidden = !this.rows.children.length;
    const place = /** @type {HTMLElement} */ (next?.querySelector("[data-delete]") ?? document.getElementById("files"));
    place.focus();
  }
}

/** @param {HTMLElement} row @param {string} name @returns {HTMLElement} */
function part(row, name) {
  return /** @type {HTMLElement} */ (row.querySelector(`[data-part="${name}"]`));
}
