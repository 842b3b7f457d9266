// @ts-check
/** What is done to several documents at a time: confirmed, exported, deleted. */

import { announce } from "./announce.js";
import { ask, buttonOf, part } from "./parts.js";
import { token } from "./session.js";
import { many, problemText, say } from "./texts.js";

const PATIENCE = 70_000; // milliseconds that one call waits until the server takes more
const LONGEST = 5; // seconds between two tries, whatever the server says
const NAMED = 500; // documents that an export takes by their ids

/** @param {import("./list.js").List} list @param {() => Promise<boolean>} showAll shows all rows; false where those are too many */
export function takeSelections(list, showAll) {
  const bar = /** @type {HTMLElement} */ (document.getElementById("bulk"));
  const all = /** @type {HTMLInputElement} */ (document.getElementById("pick-all"));
  const confirm = /** @type {HTMLButtonElement} */ (bar.querySelector('[data-bulk="confirm"]'));
  const every = /** @type {HTMLButtonElement} */ (bar.querySelector('[data-bulk="every"]'));
  const reason = part(bar, "reason");
  let busy = false;

  /** @returns {NodeListOf<HTMLInputElement>} */
  const boxes = () => list.rows.querySelectorAll("[data-pick]");
  const picked = () => [...boxes()].filter((box) => box.checked).map((box) => /** @type {HTMLElement} */ (box.closest(".row")));
  /** @param {HTMLElement[]} rows */
  const sound = (rows) => rows.filter((row) => "sound" in row.dataset);

  function show() {
    const rows = picked();
    const ready = sound(rows).length;
    bar.hidden = !rows.length && reason.hidden;
    all.checked = rows.length > 0 && rows.length === boxes().length;
    all.indeterminate = rows.length > 0 && !all.checked;
    part(bar, "count").textContent = many("{count} selected", "{count} selected", rows.length);
    part(bar, "sound").textContent =
      ready === rows.length ? say("Confirm") : many("Confirm the {count} with every check passed", "Confirm the {count} with every check passed", ready);
    confirm.hidden = !ready;
    every.hidden = !all.checked || !document.getElementById("more");
  }

  /** @param {string} text */
  function tell(text) {
    reason.textContent = text;
    reason.hidden = !text;
  }

  /** @param {HTMLElement[]} rows @param {(row: HTMLElement) => Promise<Response>} act @returns {Promise<HTMLElement[]>} those it was done to */
  async function each(rows, act) {
    const done = [];
    for (const row of rows) {
      let answer = await act(row).catch(() => null);
      for (const began = Date.now(); answer?.status === 429 && Date.now() < began + PATIENCE; ) {
        tell(say("Waiting for the server …"));
        const seconds = Math.min(Number(answer.headers.get("Retry-After")) || 1, LONGEST);
        await new Promise((later) => setTimeout(later, 1000 * seconds));
        answer = await act(row).catch(() => null);
      }
      tell("");
      if (answer?.ok || (answer && [404, 410].includes(answer.status))) done.push(row);
    }
    if (done.length < rows.length) tell(many("{count} was left as it was: it changed meanwhile, or the server refused. Look again.", "{count} were left as they were: they changed meanwhile, or the server refused. Look again.", rows.length - done.length));
    return done;
  }

  async function pickAll() {
    const isAll = await showAll();
    for (const box of boxes()) box.checked = true;
    all.focus(); // the button goes
    if (!isAll) tell(say("These are the first {count}; do it again for the rest.", { count: boxes().length }));
  }

  async function confirmAll() {
    const rows = sound(picked());
    const done = await each(rows, (row) =>
      fetch(`/v1/documents/${row.dataset.job}/confirm`, { method: "POST", headers: { ...token(), "If-Match": `"${row.dataset.version}"` } }),
    );
    for (const row of picked()) /** @type {HTMLInputElement} */ (row.querySelector("[data-pick]")).checked = false;
    await list.refresh(rows.map((row) => row.dataset.job ?? "")).catch(() => undefined); // events tell it again
    announce(many("{count} confirmed", "{count} confirmed", done.length));
  }

  async function deleteAll() {
    const rows = picked();
    const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("confirm-many"));
    part(dialog, "question").textContent = many("Delete {count} document?", "Delete {count} documents?", rows.length);
    if ((await ask(dialog)) !== "delete") return;
    const done = await each(rows, (row) => fetch(`/v1/documents/${row.dataset.job}`, { method: "DELETE", headers: token() }));
    done.forEach((row) => list.remove(row));
    announce(many("{count} deleted", "{count} deleted", done.length));
  }

  /** @param {string} format */
  async function exportAll(format) {
    const ids = picked().map((row) => row.dataset.job);
    // more than can be named are exported as all that the page lists, where that began at the first
    const isEverything = ids.length > NAMED && all.checked && !document.getElementById("more") && !location.search.includes("cursor=");
    const same = isEverything && /** @type {HTMLAnchorElement|null} */ (document.querySelector(`[data-format="${format}"]`));
    const answer = await fetch(same ? same.href : `/v1/export?format=${format}&task_ids=${ids.join(",")}`).catch(() => null);
    if (!answer?.ok) {
      const told = await answer?.json().catch(() => null);
      return tell(problemText(told) || say("The server could not be reached."));
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `invoices.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    show();
  });
  list.rows.addEventListener("change", show);
  list.onChange = show;
  bar.addEventListener("click", async (event) => {
    const button = buttonOf(event);
    if (!button || busy) return;
    busy = true;
    tell("");
    if (button.dataset.bulk === "every") await pickAll();
    if (button.dataset.bulk === "confirm") await confirmAll();
    if (button.dataset.bulk === "delete") await deleteAll();
    if (button.dataset.export) await exportAll(button.dataset.export);
    busy = false;
    show();
  });
}
