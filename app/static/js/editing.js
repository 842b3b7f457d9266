// @ts-check
/** Edits a value where it stands: a click or Enter opens an input, leaving it saves, Esc leaves all as it was. */

import { fieldCalled, fieldOf } from "./evidence.js";
import { showPlace } from "./frames.js";
import { language, say } from "./texts.js";
import { dayText, figureText } from "./times.js";
import { read, written } from "./values.js";

/**
 * @typedef {import("./frames.js").Proof} Proof
 * @typedef {{key: string, text: string, place: Proof|null, start: number|null, end: number|null}} Suspended
 * @typedef {{field: HTMLElement, input: HTMLInputElement|HTMLSelectElement, place: Proof|null}} Open
 */

export class Editing {
  /**
   * @param {HTMLElement} page
   * @param {(key: string, value: unknown, refused: (why: string) => void, place: Proof|null) => void} save the value undefined where only its place is new
   */
  constructor(page, save) {
    this.page = page;
    this.save = save;
    /** @type {Open|null} */
    this.open_ = null;
    page.addEventListener("click", (event) => {
      const field = fieldOf(event.target);
      if (field && field !== this.open_?.field && !isChosen(field)) this.open(field);
    });
    page.addEventListener("focusout", (event) => {
      // an input that is taken away loses the focus too
      if (this.open_ && event.target === this.open_.input && document.hasFocus()) this.close(true);
    });
  }

  get isLocked() {
    return this.page.dataset.decision === "confirmed";
  }

  /** The field whose value is being changed. @returns {HTMLElement|null} */
  get field() {
    return this.open_?.field ?? null;
  }

  /** Where a person says that the open value stands; null while nothing is said. @returns {Proof|null} */
  get place() {
    return this.open_?.place ?? null;
  }

  /** @param {HTMLElement} field @param {string} [text] what stands in the input, else the value */
  open(field, text) {
    if (this.open_?.field === field || this.isLocked || !this.close(true)) return;
    const place = field.querySelector(".what");
    if (!place) return;
    const input = inputFor(field);
    input.value = text ?? asTyped(field);
    input.setAttribute("aria-label", field.dataset.label ?? "");
    field.classList.add("open");
    const note = document.createElement("span");
    note.className = "note-typed";
    note.setAttribute("aria-live", "polite");
    place.append(input, note);
    this.open_ = { field, input, place: null };
    input.addEventListener("input", () => this.preview());
    input.focus();
    if (input instanceof HTMLInputElement) input.select();
  }

  /** Say what will be stored where it is written in another way. */
  preview() {
    if (!this.open_) return;
    const { field, input } = this.open_;
    const found = read(field.dataset.kind ?? "text", input.value, language);
    const note = /** @type {HTMLElement} */ (field.querySelector(".note-typed"));
    const bad = "wrong" in found;
    input.setAttribute("aria-invalid", String(bad));
    note.classList.toggle("broken", bad);
    if ("wrong" in found) note.textContent = found.wrong;
    else note.textContent = typeof found.value === "string" && found.value !== input.value.trim() ? `→ ${found.value}` : "";
  }

  /** Say where the open value stands, and put what is written there into its input. @param {string} text "" where nothing is @param {Proof} place */
  fill(text, place) {
    if (!this.open_) return;
    if (text && this.open_.input instanceof HTMLInputElement) this.open_.input.value = text;
    this.open_.place = place;
    showPlace(this.page, place);
    this.preview();
    this.open_.input.focus();
  }

  /** @param {boolean} keep false: as it was @returns {boolean} false where what is typed cannot be kept */
  close(keep) {
    if (!this.open_) return true;
    const { field, input, place } = this.open_;
    const found = read(field.dataset.kind ?? "text", input.value, language);
    if (keep && "wrong" in found && document.activeElement === input) {
      this.preview();
      return false;
    }
    this.open_ = null;
    const was = field.dataset.value ?? "";
    input.remove();
    field.querySelector(".note-typed")?.remove();
    field.classList.remove("open");
    showPlace(this.page, null);
    if (!keep) return true;
    if ("wrong" in found) {
      tell(field, say("Not saved: {why}", { why: `${input.value}: ${found.wrong}` }));
      return true;
    }
    const isNew = input.value !== asTyped(field) && stored(found.value) !== was;
    const stands = found.value === null ? null : place; // what is not known stands nowhere
    if (isNew) show(field, found.value);
    if (isNew || stands) {
      const refused = (/** @type {string} */ why) => {
        show(field, was || null);
        tell(field, say("Not saved: {why}", { why }));
        if (document.activeElement === document.body) field.focus();
      };
      this.save(field.dataset.field ?? "", isNew ? found.value : undefined, refused, stands);
    }
    return true;
  }

  /** Take the open input away for a moment; `resume` brings it back. @returns {Suspended|null} */
  suspend() {
    if (!this.open_) return null;
    const { field, input, place } = this.open_;
    const [start, end] = input instanceof HTMLInputElement ? [input.selectionStart, input.selectionEnd] : [null, null];
    this.open_ = null;
    input.remove();
    field.querySelector(".note-typed")?.remove();
    field.classList.remove("open");
    return { key: field.dataset.field ?? "", text: input.value, place, start, end };
  }

  /** @param {Suspended|null} one */
  resume(one) {
    const field = one && fieldCalled(this.page, one.key);
    if (!field) return;
    this.open(field, one.text);
    if (one.place) this.fill("", one.place);
    this.preview();
    const input = /** @type {Open|null} */ (this.open_)?.input;
    if (input instanceof HTMLInputElement) input.setSelectionRange(one.start, one.end);
  }
}

/** @param {HTMLElement} field @returns {HTMLInputElement|HTMLSelectElement} */
function inputFor(field) {
  const kind = field.dataset.kind ?? "text";
  if (kind === "type" || kind === "truth") {
    const select = document.createElement("select");
    select.className = "input";
    select.append(new Option("–", ""));
    if (kind === "truth") select.append(new Option(say("yes"), "yes"), new Option(say("no"), "no"));
    else {
      const types = /** @type {HTMLTemplateElement} */ (document.getElementById("types"));
      for (const option of types.content.children) select.append(option.cloneNode(true));
    }
    return select;
  }
  const input = document.createElement("input");
  input.className = "input";
  input.autocomplete = "off";
  input.spellcheck = false;
  if (kind === "number" || kind === "figure") input.inputMode = "decimal";
  if (kind === "date") input.placeholder = "2026-12-31";
  if (kind === "iban" || kind === "currency" || kind === "country") input.autocapitalize = "characters";
  return input;
}

/** The value of a field, for its input. @param {HTMLElement} field */
function asTyped(field) {
  return written(field.dataset.kind ?? "text", field.dataset.value ?? "", language);
}

/** Show a value that is on its way to be saved; the server's own words follow. @param {HTMLElement} field @param {unknown} value */
function show(field, value) {
  const text = stored(value);
  field.dataset.value = text;
  field.querySelector(".wrong-typed")?.remove();
  const place = /** @type {HTMLElement} */ (field.querySelector(".what"));
  const element = document.createElement(text ? "bdi" : "span");
  element.className = text ? "value" : "none";
  element.textContent = shown(field, text) || "–";
  place.replaceChildren(element);
}

/** As the server writes it into the field's data. @param {unknown} value */
function stored(value) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === null ? "" : String(value);
}

/** @param {HTMLElement} field @param {string} text as it is stored */
function shown(field, text) {
  const { kind } = field.dataset;
  if (kind === "number" || kind === "figure") return figureText(text);
  if (kind === "date") return dayText(text);
  if (kind === "iban") return written(kind, text);
  if (kind !== "type" && kind !== "truth") return text;
  const options = /** @type {HTMLSelectElement} */ (inputFor(field)).options;
  return [...options].find((option) => option.value === text)?.textContent ?? text;
}

/** @param {HTMLElement} field @param {string} words */
function tell(field, words) {
  field.querySelector(".wrong-typed")?.remove();
  const told = document.createElement("span");
  told.className = "broken wrong-typed";
  told.setAttribute("role", "alert");
  told.textContent = words;
  field.append(told);
}

/** True while a person marks text with the mouse, to copy it. @param {HTMLElement} field */
function isChosen(field) {
  const chosen = getSelection();
  return chosen !== null && !chosen.isCollapsed && field.contains(chosen.anchorNode);
}
