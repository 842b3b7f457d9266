import assert from "node:assert/strict";
import { test } from "node:test";

import "./page.js";

document.documentElement.lang = "fr";
document.documentElement.dataset.locale = "fr-CH";
document.body.innerHTML = `<script type="application/json" id="texts">${JSON.stringify({
  "{name} was deleted": "{name} a été supprimé",
  "{count} page": ["{count} page", "{count} pages"],
  "The file is empty": "Le fichier est vide",
  "Send it again.": "Renvoyez-le.",
})}</script>`;
const { language, many, problemText, say } = await import("../../app/static/js/texts.js");

test("a text comes in the page's language, with its values", () => {
  assert.equal(say("{name} was deleted", { name: "a.pdf" }), "a.pdf a été supprimé");
  assert.equal(language, "fr-CH");
});

test("what the page has no text for is said in English", () => {
  assert.equal(say("{count} left", { count: 2 }), "2 left");
  assert.equal(many("{count} line", "{count} lines", 2), "2 lines");
});

test("none is one in French, as in the server's catalogues", () => {
  assert.deepEqual([0, 1, 2].map((count) => many("{count} page", "{count} pages", count)), ["0 page", "1 page", "2 pages"]);
});

test("a refusal is told by its title where its detail is in another language", () => {
  const problem = { title: "The file is empty", detail: "It has 0 bytes.", hint: "Send it again." };
  assert.equal(problemText(problem), "Le fichier est vide. Renvoyez-le.");
  assert.equal(problemText({ ...problem, hint: "GET /v1/limits tells it." }), "Le fichier est vide.");
  assert.equal(problemText({ title: "Another", detail: "Something else.", hint: "Look." }), "Something else. Look.");
  assert.equal(problemText(null), "");
});
