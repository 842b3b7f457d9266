// @ts-check
/** A page picture that does not come is asked for again twice; then the page says so. */

import { say } from "./texts.js";

const WAITS = [2000, 6000];

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
