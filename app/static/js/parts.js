// @ts-check
/** Parts of what the server rendered, and its dialogs, which ask. */

/** @param {HTMLElement} place @param {string} name @returns {HTMLElement} */
export function part(place, name) {
  return /** @type {HTMLElement} */ (place.querySelector(`[data-part="${name}"]`));
}

/** @param {Event} event */
export function buttonOf(event) {
  return event.target instanceof Element ? event.target.closest("button") : null;
}

/** @param {HTMLDialogElement} dialog @returns {Promise<string>} what was chosen, "" for nothing */
export async function ask(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  return dialog.returnValue;
}
