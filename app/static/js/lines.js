// @ts-check
/** The rows of the line table: added, deleted, moved, and pasted from a spreadsheet. */

import { announce } from "./announce.js";
import { fieldCalled, fieldOf } from "./evidence.js";
import { buttonOf } from "./parts.js";
import { language, many, say } from "./texts.js";
import { read } from "./values.js";

/**
 * @param {HTMLElement} page
 * @param {import("./saving.js").Saving} saving
 * @param {import("./editing.js").Editing} editing
 */
export function changeLines(page, saving, editing) {
  /** The row in hand of each invoice. @type {Map<number, {index: number, name: string}>} */
  const inHand = new Map();

  page.addEventListener("focusin", (event) => {
    const field = fieldOf(event.target);
    const at = field && placeOf(field);
    if (!field || !at) return;
    for (const row of page.querySelectorAll("tr.in-hand")) row.classList.remove("in-hand");
    field.closest("tr")?.classList.add("in-hand");
    inHand.set(at.number, at);
    for (const button of buttons(at.number)) button.disabled = editing.isLocked;
  });

  /** @param {number} number */
  function buttons(number) {
    return /** @type {NodeListOf<HTMLButtonElement>} */ (page.querySelectorAll(`[data-lines="${number}"] button`));
  }

  /** @param {number} number @param {(lines: any[]) => any[]} change */
  function save(number, change) {
    saving.add({ number, change: (result) => ({ lines: change([...(result.lines ?? [])]) }) });
  }

  /** Go to a cell once it is there. @param {number} number @param {number} index @param {string} name */
  async function goTo(number, index, name) {
    if (!(await saving.settled())) return;
    fieldCalled(page, `${number}/lines/${index}/${name}`)?.focus();
  }

  page.addEventListener("click", (event) => {
    const button = buttonOf(event);
    if (!button?.dataset.line || editing.isLocked) return;
    const number = Number(/** @type {HTMLElement} */ (button.closest("[data-lines]")).dataset.lines);
    const { index, name } = inHand.get(number) ?? { index: -1, name: "description" };
    act(button.dataset.line, number, index, name);
  });

  /** @param {string} what @param {number} number @param {number} index @param {string} name */
  function act(what, number, index, name) {
    const count = (saving.result(number).lines ?? []).length;
    if (what === "add") {
      const place = index < 0 ? count : index + 1;
      save(number, (lines) => lines.toSpliced(place, 0, {}));
      void goTo(number, place, "description");
      return;
    }
    if (index < 0 || index >= count) return;
    if (what === "delete") {
      save(number, (lines) => lines.toSpliced(index, 1));
      announce(say("Line {number} was deleted. Control Z takes it back.", { number: index + 1 }));
      void goTo(number, Math.min(index, count - 2), name);
      return;
    }
    const to = what === "up" ? index - 1 : index + 1;
    if (to < 0 || to >= count) return;
    save(number, (lines) => lines.toSpliced(index, 1).toSpliced(to, 0, lines[index]));
    void goTo(number, to, name);
  }

  page.addEventListener("paste", (event) => {
    const field = fieldOf(event.target);
    const at = field && placeOf(field);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!field || !at || !/[\t\n]/.test(text.trim()) || editing.isLocked) return;
    event.preventDefault();
    editing.close(false);
    const table = /** @type {HTMLElement} */ (field.closest("table"));
    const names = (table.dataset.names ?? "").split(" ");
    const kinds = Object.fromEntries(names.map((name) => [name, kindOf(table, name)]));
    const columns = names.slice(names.indexOf(at.name));
    const { rows, unread } = rowsOf(text, columns, kinds);
    save(at.number, (lines) => {
      for (const [offset, row] of rows.entries()) lines[at.index + offset] = { ...(lines[at.index + offset] ?? {}), ...row };
      return lines;
    });
    const missed = many("{count} cell could not be read and was left as it is", "{count} cells could not be read and were left as they are", unread);
    announce(many("{count} row was pasted", "{count} rows were pasted", rows.length) + (unread ? `; ${missed}` : ""));
    void goTo(at.number, at.index, at.name).then(() => unread && saving.tell(`${say("Saved")}; ${missed}`));
  });
}

/** @param {HTMLElement} table @param {string} name */
function kindOf(table, name) {
  const cell = [...table.querySelectorAll("[data-field]")].find((one) => one.getAttribute("data-field")?.endsWith(`/${name}`));
  return (cell instanceof HTMLElement && cell.dataset.kind) || "text";
}

/** Which invoice, line and column a field is of; null for one that is none of a line. @param {HTMLElement} field */
function placeOf(field) {
  const found = /^(\d+)\/lines\/(\d+)\/([a-z_0-9]+)$/.exec(field.dataset.field ?? "");
  return found ? { number: Number(found[1]), index: Number(found[2]), name: found[3] } : null;
}

/**
 * The rows of a spreadsheet's text, as parts of lines.
 * @param {string} text @param {string[]} columns @param {Record<string, string>} kinds
 */
export function rowsOf(text, columns, kinds) {
  let unread = 0;
  const rows = text
    .replace(/\r/g, "")
    .replace(/\n+$/, "")
    .split("\n")
    .map((row) => {
      /** @type {Record<string, unknown>} */
      const line = {};
      for (const [place, cell] of row.split("\t").slice(0, columns.length).entries()) {
        const found = read(kinds[columns[place]], cell, language);
        if ("wrong" in found) unread += 1;
        else line[columns[place]] = found.value;
      }
      return line;
    });
  return { rows, unread };
}
