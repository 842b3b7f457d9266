// @ts-check
/** Sends files: a row at once for each, one request at a time, as many files in it as the server takes. */

import { call } from "./calling.js";
import { token } from "./session.js";
import { many, reasonOf, say } from "./texts.js";
import { sizeText } from "./times.js";

/** What becomes one document: a file, or pictures that are its pages. @typedef {{files: File[], row: HTMLElement, password?: string, instead?: string}} Item `instead`: the document that it takes the place of */

export class Uploads {
  /**
   * @param {import("./list.js").List} list
   * @param {{bytes: number, files: number, request: number}} limits
   */
  constructor(list, limits) {
    this.list = list;
    this.limits = limits;
    /** @type {Item[]} */
    this.waiting = [];
    this.busy = false;
    /** Files that were sent from this page, by the id of their document. @type {Map<string, File>} */
    this.sent = new Map();
  }

  /** Send a file again, in place of its row. @param {File} file @param {string} password @param {HTMLElement} old */
  unlock(file, password, old) {
    const row = this.list.begin(file);
    row.tabIndex = -1;
    old.replaceWith(row);
    this.list.replaced.add(old.dataset.job);
    row.focus();
    this.waiting.push({ files: [file], row, password, instead: old.dataset.job });
    void this.#run();
  }

  /** @param {File[]} files */
  add(files) {
    const rows = files.map((file) => this.list.begin(file));
    this.list.show([...rows]);
    for (const [index, file] of files.entries()) {
      const row = rows[index];
      if (file.size > this.limits.bytes) {
        this.list.refuse(row, say("The file has {size}; the limit is {limit}. Send fewer pages, or pictures of a lower resolution.", { size: sizeText(file.size), limit: sizeText(this.limits.bytes) }));
      } else {
        this.waiting.push({ files: [file], row });
      }
    }
    void this.#run();
  }

  /** @param {File[]} pictures that fit into one request */
  addTogether(pictures) {
    const size = pictures.reduce((sum, file) => sum + file.size, 0);
    const row = this.list.begin({ name: many("{name} and {count} more", "{name} and {count} more", pictures.length - 1, { name: pictures[0].name }), size });
    this.list.show([row]);
    this.waiting.push({ files: pictures, row });
    void this.#run();
  }

  async #run() {
    if (this.busy) return;
    this.busy = true;
    while (this.waiting.length) await this.#send(this.#batch());
    this.busy = false;
  }

  /** @returns {Item[]} the next files that fit into one request */
  #batch() {
    const room = this.limits.request - 100_000; // for the form's own bytes
    let size = 0;
    let count = 0;
    for (const { files, password } of this.waiting) {
      if (files.length > 1 || password) {
        count ||= 1; // pictures of one document, and a file with its password, have a request of their own
        break;
      }
      size += files[0].size + 1000;
      if (count === this.limits.files || (count && size > room)) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  /** @param {Item[]} batch */
  async #send(batch) {
    const form = new FormData();
    for (const { files, row, password } of batch) {
      this.list.sending(row);
      for (const file of files) form.append("files", file, file.name);
      if (files.length > 1) form.append("combine", "true");
      if (password) form.append("password", password);
    }
    /** @type {Response} */
    let answer;
    try {
      answer = await fetch("/extract-invoice", { method: "POST", body: form, headers: token() });
    } catch {
      return this.#refuse(batch, say("The server could not be reached, or the file could not be read (folders are not)."));
    }
    const told = await answer.json().catch(() => null);
    if (!answer.ok || !Array.isArray(told)) {
      const isSignedOut = answer.status === 401;
      const why = isSignedOut ? say("You are signed out.") : reasonOf(answer.status, told);
      return this.#refuse(batch, why, isSignedOut);
    }
    const ids = told.map((entry, index) => {
      const { files, row, instead } = batch[index];
      this.list.name(row, entry.task_id);
      if (files.length === 1) this.sent.set(entry.task_id, files[0]);
      if (instead) void call("DELETE", `/v1/documents/${instead}`); // it is listed until then
      return entry.task_id;
    });
    await this.list.refresh(ids).catch(() => location.reload());
  }

  /** @param {Item[]} batch @param {string} reason @param {boolean=} isSignedOut */
  #refuse(batch, reason, isSignedOut) {
    for (const item of batch) {
      const again = () => {
        this.waiting.push(item);
        this.list.sending(item.row);
        void this.#run();
      };
      this.list.refuse(item.row, reason, again, isSignedOut);
    }
  }
}
