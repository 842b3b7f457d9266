// @ts-check
/** A PDF with a password that was sent from this page: the password is typed in its row, and the file sent again with it. */

/** @param {HTMLElement} row as the server rendered it @param {import("./upload.js").Uploads} uploads */
export function offerUnlock(row, uploads) {
  const file = uploads.sent.get(row.dataset.job ?? "");
  if (row.dataset.code !== "password_required" || !file) return;
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("unlock"));
  const form = /** @type {HTMLFormElement} */ (document.importNode(template.content, true).firstElementChild);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    uploads.unlock(file, String(new FormData(form).get("password")), row);
  });
  row.querySelector(".row-hint")?.remove(); // which says to do by hand what can be done here
  row.querySelector(".row-text")?.append(form);
}
