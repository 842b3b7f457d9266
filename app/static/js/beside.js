// @ts-check
/** Two documents side by side: their dates and amounts as the reader writes them. */

import { mendPictures } from "./pictures.js";
import { showTimes } from "./times.js";

const page = /** @type {HTMLElement} */ (document.getElementById("document"));
showTimes(page);
mendPictures(page);
