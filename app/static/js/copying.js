// @ts-check
/** Copies the text of the element that a button names. */

import { say } from "./texts.js";

/** @param {HTMLElement} page */
export function copyOnClick(page) {
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (page.querySelectorAll("[data-copy]"))) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy ?? "")?.textContent ?? "";
      button.textContent = (await copy(text)) ? say("Copied") : say("Not copied: the browser forbids it");
      setTimeout(() => (button.textContent = label), 2000);
    });
  }
}

/** @param {string} text @returns {Promise<boolean>} */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The clipboard's own interface is absent where the page comes by plain HTTP from another machine. @param {string} text */
function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
