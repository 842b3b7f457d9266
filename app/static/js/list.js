// @ts-check
/** The list of documents. Rows of known jobs are rendered by the server, so that words live there. */

import { announce } from "./announce.js";
import { part } from "./parts.js";
import { say } from "./texts.js";
import { showTimes, sizeText } from "./times.js";

export class List {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.section = /** @type {HTMLElement} */ (page.querySelector("#list"));
    this.rows = /** @type {HTMLElement} */ (page.querySelector("#rows"));
    this.page = page;
    this.template = /** @type {HTMLTemplateElement} */ (document.getElementById("sending"));
    /** Called with the id of each job that is not final yet. @type {(id: string) => void} */
    this.onOpen = () => {};
    /** Called when rows came, went or were replaced. @type {() => void} */
    this.onChange = () => {};
    /** Called with each row that the server rendered. @type {(row: HTMLElement) => void} */
    this.onRow = () => {};
    /** Where documents that are new to the page belong into it. */
    this.isEverything = "everything" in page.dataset;
    /** Ids whose rows do not come back. @type {Set<string|undefined>} */
    this.replaced = new Set();
  }

  /** @returns {string[]} ids of jobs on their way, oldest first, as they will be read */
  openIds() {
    return [...this.rows.querySelectorAll("[data-open]")].map((row) => /** @type {HTMLElement} */ (row).dataset.job ?? "").reverse();
  }

  /** Make a row for what is about to be sent. @param {{name: string, size: number}} file @returns {HTMLElement} */
  begin(file) {
    const copy = /** @type {DocumentFragment} */ (this.template.content.cloneNode(true));
    const row = /** @type {HTMLElement} */ (copy.firstElementChild);
    part(row, "name").textContent = file.name;
    part(row, "size").textContent = sizeText(file.size);
    return row;
  }

  /** Put new rows at the top, the last one first. @param {HTMLElement[]} rows */
  show(rows) {
    this.section.hidden = false;
    delete this.page.dataset.new;
    document.getElementById("nothing")?.remove();
    this.rows.prepend(...rows.reverse());
  }

  /** Say which job a sent row is; its events may have come before the answer did. @param {HTMLElement} row @param {string} id */
  name(row, id) {
    this.#row(id)?.remove();
    row.dataset.job = id;
  }

  /** Put rows that are not there yet at the end. @param {HTMLElement[]} rows */
  append(rows) {
    this.rows.append(...rows.filter(({ dataset }) => !this.replaced.has(dataset.job) && !this.#row(dataset.job ?? "")));
    this.onChange();
  }

  /**
   * Say in a row why its file was not taken.
   * @param {HTMLElement} row @param {string} reason @param {(() => void)=} again @param {boolean=} isSignedOut
   */
  refuse(row, reason, again, isSignedOut = false) {
    this.#state(row, "failed", say("Not sent"));
    part(row, "reason").textContent = reason;
    part(row, "reason").hidden = false;
    const button = part(row, "again");
    button.hidden = !again;
    button.onclick = again ?? null;
    part(row, "login").hidden = !isSignedOut;
    announce(`${part(row, "name").textContent}: ${reason}`);
  }

  /** Show a row as being sent (again). @param {HTMLElement} row */
  sending(row) {
    this.#state(row, "runs", say("Sending"));
    for (const name of ["reason", "again", "login"]) part(row, name).hidden = true;
  }

  /** @param {HTMLElement} row @param {string} kind how it is drawn @param {string} word */
  #state(row, kind, word) {
    part(row, "word").textContent = word;
    const state = part(row, "state");
    state.className = `state ${kind}`;
    state.querySelector("use")?.setAttribute("href", `#i-${kind}`);
  }

  /** Fetch the rows of these jobs and put them in place; one that is gone goes. @param {string[]} ids */
  async refresh(ids) {
    for (let start = 0; start === 0 || start < ids.length; start += 25) await this.#refresh(ids.slice(start, start + 25));
    this.onChange();
  }

  /** @param {string[]} ids */
  async #refresh(ids) {
    const answer = await fetch(`/documents/rows?ids=${ids.join(",")}`);
    if (!answer.ok) throw new Error(`rows: ${answer.status}`);
    const fragment = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (fragment.querySelectorAll(".row"))) {
      this.#place(document.importNode(row, true));
    }
    for (const count of /** @type {NodeListOf<HTMLElement>} */ (fragment.querySelectorAll("[data-count]"))) {
      const place = this.section.querySelector(`[data-count="${count.dataset.count}"]`);
      if (place) place.textContent = count.textContent;
    }
  }

  /** @param {HTMLElement} row */
  #place(row) {
    const id = row.dataset.job ?? "";
    const old = this.#row(id);
    if (!old && (!this.isEverything || this.replaced.has(id))) return;
    if (old?.dataset.version === row.dataset.version) return; // what is typed in it stays
    showTimes(row);
    this.onRow(row);
    if (old) this.#replace(old, row);
    else this.show([row]);
    if ("open" in row.dataset) this.onOpen(id);
  }

  /** @param {HTMLElement} old @param {HTMLElement} row */
  #replace(old, row) {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const [before, after] = [old, row].map((one) => /** @type {HTMLInputElement|null} */ (one.querySelector("[data-pick]")));
    if (before && after) after.checked = before.checked;
    const word = old.dataset.word;
    old.replaceWith(row);
    if (focused instanceof HTMLElement) {
      const same = ["[data-pick]", "[data-delete]", "[data-act]"].find((kind) => focused.matches(kind)) ?? "a";
      /** @type {HTMLElement|null} */ (row.querySelector(same) ?? row.querySelector("a"))?.focus();
    }
    if (row.dataset.word !== word && !("open" in row.dataset)) announce(`${row.dataset.name}: ${row.dataset.word}`);
  }

  /** Remove the row of a document that is gone, whoever deleted it. @param {string} id */
  gone(id) {
    const row = this.#row(id);
    if (row?.contains(document.activeElement)) this.remove(row);
    else row?.remove();
    this.onChange();
    void this.refresh([]).catch(() => undefined); // how many there are now
  }

  /** @param {string} id @returns {HTMLElement|null} */
  #row(id) {
    return this.rows.querySelector(`.row[data-job="${CSS.escape(id)}"]`);
  }

  /** @param {HTMLElement} row */
  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.onChange();
    const place = /** @type {HTMLElement} */ (next?.querySelector("[data-delete]") ?? document.getElementById("files"));
    place.focus();
  }
}
