// @ts-check
/** Shows where a value stands: pointing at a field draws its boxes, a click on a box goes to its field. */

/** @param {HTMLElement} page */
export function drawEvidence(page) {
  const pane = page.querySelector("#pages");
  if (!(pane instanceof HTMLElement)) return; // a bare XML has no pages
  const location = /** @type {HTMLElement} */ (pane.querySelector("#location"));
  const start = location.textContent;

  /** Boxes by field. Keys come from documents, so they are compared and never put into a selector. @type {Map<string, SVGRectElement[]>} */
  const boxes = new Map();
  for (const box of pane.querySelectorAll("rect")) {
    const key = box.dataset.field ?? "";
    boxes.set(key, [...(boxes.get(key) ?? []), box]);
  }
  /** @type {HTMLElement|null} */
  let aimed = null;

  /** @param {HTMLElement|null} field */
  function aim(field) {
    if (field === aimed) return;
    aimed = field;
    for (const element of page.querySelectorAll(".aimed")) element.classList.remove("aimed");
    location.classList.toggle("found", field !== null);
    location.textContent = field ? sentence(field) : start;
    if (!field) return;
    field.classList.add("aimed");
    const found = boxes.get(field.dataset.field ?? "") ?? [];
    for (const box of found) {
      box.classList.add("aimed");
      box.parentElement?.classList.add("aimed");
      box.parentElement?.append(box); // drawn last, over its neighbours
    }
    if (found.length) bringIntoView(/** @type {HTMLElement} */ (pane), found[0]);
  }

  const fields = /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-field][tabindex]"));
  /** @type {Map<string, HTMLElement>} */
  const byKey = new Map();
  for (const field of fields) {
    byKey.set(field.dataset.field ?? "", field);
    field.addEventListener("focus", () => aim(field));
    field.addEventListener("mouseenter", () => aim(field));
    field.addEventListener("mouseleave", () => {
      const focused = document.activeElement;
      aim(focused instanceof HTMLElement && focused.dataset.field ? focused : null);
    });
    field.addEventListener("blur", () => aim(null));
  }
  pane.addEventListener("click", (event) => {
    if (event.target instanceof SVGRectElement) byKey.get(event.target.dataset.field ?? "")?.focus();
  });
}

/** @param {HTMLElement} field @returns {string} */
function sentence(field) {
  const { label, place, told } = field.dataset;
  const where = place || "not located on the page";
  return [`${label}: ${where}`, told].filter(Boolean).join(" · ");
}

/** Scroll the pane, and only the pane. @param {HTMLElement} pane @param {SVGRectElement} box */
function bringIntoView(pane, box) {
  const outer = pane.getBoundingClientRect();
  const inner = box.getBoundingClientRect();
  if (inner.top < outer.top + 48 || inner.bottom > outer.bottom - 12) {
    pane.scrollBy({ top: inner.top - outer.top - outer.height / 2 + inner.height / 2 });
  }
}
