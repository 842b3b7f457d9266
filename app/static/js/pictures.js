// @ts-check
/** A page picture that does not come is asked for again twice; then the page says so. */

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
  told.textContent = "The picture of this page is not available.";
  const button = document.createElement("button");
  button.className = "button";
  button.type = "button";
  button.textContent = "Try again";
  button.addEventListener("click", () => {
    told.remove();
    retry();
  });
  told.append(button);
  image.parentElement?.append(told);
}
