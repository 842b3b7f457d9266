// @ts-check
/** Files from everywhere: dropped anywhere on the page, chosen, or pasted. */

/** @param {(files: File[]) => void} take */
export function takeFiles(take) {
  const veil = /** @type {HTMLElement} */ (document.getElementById("veil"));
  const inputs = ["files", "camera"].map((id) => /** @type {HTMLInputElement} */ (document.getElementById(id)));

  /** @param {DragEvent} event */
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;

  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // else the browser opens the file in place of the page
    veil.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) veil.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    veil.hidden = true;
    take([...(event.dataTransfer?.files ?? [])]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) take(files);
  });
  for (const input of inputs) {
    const chosen = () => {
      take([...(input.files ?? [])]);
      input.value = ""; // the same file may be chosen again
    };
    input.addEventListener("change", chosen);
    if (input.files?.length) chosen(); // before the script was there
  }
}
