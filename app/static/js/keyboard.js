// @ts-check
/** The keys of the review page; `decide.html` lists them for people. */

import { fieldOf } from "./evidence.js";

const SINGLE = "singleKeys";

/**
 * @param {HTMLElement} page
 * @param {import("./editing.js").Editing} editing
 * @param {import("./attention.js").Attention} attention
 * @param {{confirm: () => void, undo: () => void, view: (what: string) => void, place: (event: KeyboardEvent) => boolean}} acts
 */
export function listen(page, editing, attention, acts) {
  const keys = /** @type {HTMLDialogElement} */ (document.getElementById("keys"));
  const single = /** @type {HTMLInputElement} */ (document.getElementById("single-keys"));
  single.checked = localStorage.getItem(SINGLE) !== "off";
  single.addEventListener("change", () => localStorage.setItem(SINGLE, single.checked ? "on" : "off"));

  /** Go to a field that needs a look, ready to be typed into; to the decision when none is left. @param {1|-1} way @param {HTMLElement|null} from */
  function go(way, from) {
    const field = attention.next(way, from);
    if (field) {
      field.focus();
      editing.open(field);
    } else /** @type {HTMLElement|null} */ (page.querySelector('[data-decide="confirm"]'))?.focus();
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} field */
  function whileOpen(event, field) {
    if (event.key === "Escape") {
      editing.close(false);
      field.focus();
    } else if (event.key === "Enter") {
      if (!editing.close(true)) return true;
      attention.accept(field);
      go(1, field);
    } else return false;
    return true;
  }

  /** @param {KeyboardEvent} event @returns {boolean} true where the key was meant for us */
  function taken(event) {
    const { key, altKey, ctrlKey, metaKey } = event;
    const target = /** @type {HTMLElement} */ (event.target);
    if (document.querySelector("dialog[open]")) return false;
    if ((ctrlKey || metaKey) && key === "Enter") {
      if (editing.field && !editing.close(true)) return true;
      acts.confirm();
      return true;
    }
    if (altKey && (key === "ArrowDown" || key === "ArrowUp")) {
      const from = editing.field ?? fieldOf(document.activeElement);
      if (editing.close(true)) go(key === "ArrowDown" ? 1 : -1, from);
      return true;
    }
    if (editing.field && target.closest(".input") && acts.place(event)) return true;
    if (editing.field && target.closest(".input") && !ctrlKey && !altKey && !metaKey) return whileOpen(event, editing.field);
    if (target.closest("input, select, textarea")) return false;
    if ((ctrlKey || metaKey) && key === "z") {
      acts.undo();
      return true;
    }
    if (ctrlKey || altKey || metaKey) return false;
    const field = target.matches("[data-field]") ? target : null;
    if (field && (key === "Enter" || key === "F2")) {
      editing.open(field);
      return true;
    }
    const beside = field && cellBeside(field, key);
    if (beside) {
      beside.focus();
      return true;
    }
    const what = single.checked ? { "[": "before", "]": "after", "+": "larger", "-": "smaller", r: "turn", R: "turn" }[key] : undefined;
    if (what) acts.view(what);
    else if (single.checked && key === "?") keys.showModal();
    else return false;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (taken(event)) event.preventDefault();
  });
}

/** The cell that an arrow key leads to. @param {HTMLElement} field @param {string} key @returns {HTMLElement|null} */
function cellBeside(field, key) {
  const cell = field.closest("td");
  const row = field.closest("tr[data-row]");
  if (!cell || !row) return null;
  let place = null;
  if (key === "ArrowLeft") place = cell.previousElementSibling;
  if (key === "ArrowRight") place = cell.nextElementSibling;
  if (key === "ArrowUp" || key === "ArrowDown") {
    const rows = [.../** @type {HTMLElement} */ (row.parentElement).querySelectorAll("tr[data-row]")];
    const other = rows[rows.indexOf(row) + (key === "ArrowUp" ? -1 : 1)];
    place = other?.children[/** @type {HTMLTableCellElement} */ (cell).cellIndex];
  }
  return place?.querySelector("[data-field]") ?? null;
}
