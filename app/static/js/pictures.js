// @ts-check
/** A page picture that does not come is asked for again twice, then the page says so; the next ones come early. */

import { say } from "./texts.js";

const WAITS = [2000, 6000];
const AHEAD = 1000; // milliseconds that the page in hand has for itself

/** @param {HTMLElement} page */
export function mendPictures(page) {
  for (const image of page.querySelectorAll("img")) {
    let tries = 0;
    const mend = () => {
      if (tries < WAITS.length) setTimeout(() => again(image), WAITS[tries++]);
      else giveUp(image, () => again(image));
    };
    image.addEventListener("error", mend);
    if (image.complete && image.currentSrc && !image.naturalWidth) mend(); // failed before this ran
  }
}

/** Fetch the page after the one that is seen, and the first page of the document after this. @param {HTMLElement} page */
export function fetchAhead(page) {
  const figures = [...page.querySelectorAll("#pages figure")];
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const next = isIntersecting && figures[figures.indexOf(target) + 1]?.querySelector("img");
      if (next) next.loading = "eager";
    }
  });
  for (const figure of figures) seen.observe(figure);
  const { next } = page.dataset;
  if (next) setTimeout(() => (new Image().src = `/v1/documents/${next}/pages/1.webp?width=1240`), AHEAD);
}

/** Adds the other pages of a sheet drawn from XML: each picture's answer names the next one. @param {HTMLElement} page */
export function turnSheet(page) {
  for (const image of page.querySelectorAll("img[data-drawn]")) followed(/** @type {HTMLImageElement} */ (image));
}

/** @param {HTMLImageElement} image */
function followed(image) {
  if (image.complete && image.naturalWidth) addNext(image); // came before this ran
  else image.addEventListener("load", () => addNext(image), { once: true });
}

/** @param {HTMLImageElement} image */
async function addNext(image) {
  const answer = await fetch(image.src); // from the browser's cache
  const link = /<([^>]+)>; rel="next"/.exec(answer.headers.get("Link") ?? "");
  const figure = image.closest("figure");
  if (!link || !figure) return;
  const next = /** @type {HTMLElement} */ (figure.cloneNode(true));
  const picture = /** @type {HTMLImageElement} */ (next.querySelector("img"));
  picture.alt = picture.alt.replace(/\d+/, (number) => String(Number(number) + 1));
  picture.src = link[1];
  figure.after(next);
  followed(picture);
}

/** @param {HTMLImageElement} image */
function again(image) {
  const url = new URL(image.src);
  url.searchParams.set("try", String(Number(url.searchParams.get("try") ?? 1) + 1));
  image.src = url.href;
}

/** @param {HTMLImageElement} image @param {() => void} retry */
function giveUp(image, retry) {
  if (image.parentElement?.querySelector(".missing")) return;
  const told = document.createElement("p");
  told.className = "missing";
  told.textContent = say("The picture of this page is not available.");
  const button = document.createElement("button");
  button.className = "button";
  button.type = "button";
  button.textContent = say("Try again");
  button.addEventListener("click", () => {
    told.remove();
    retry();
  });
  told.append(button);
  image.parentElement?.append(told);
}
