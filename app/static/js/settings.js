// @ts-check
/** The settings: keys and webhooks are made, tried and ended; what changed is rendered anew by the server. */

import { copyOnClick } from "./copying.js";
import { showDeliveries, tryOut } from "./deliveries.js";
import { call } from "./calling.js";
import { ask, buttonOf, part } from "./parts.js";
import { say } from "./texts.js";
import { showTimes } from "./times.js";

const page = /** @type {HTMLElement} */ (document.getElementById("settings"));

/** @param {string} id @returns {HTMLDialogElement} */
const dialog = (id) => /** @type {HTMLDialogElement} */ (document.getElementById(id));

/** @param {string} text */
async function showSecret(text) {
  const place = /** @type {HTMLElement} */ (document.getElementById("secret-text"));
  place.textContent = text;
  await ask(dialog("secret"));
  place.textContent = "";
}

dialog("secret").addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.preventDefault(); // one key, and what is shown once was never seen
});

/** Show the page anew, at the section of what changed. @param {Element} part */
function anew(part) {
  location.hash = part.closest("section")?.id ?? "";
  location.reload();
}

/**
 * @param {string} id the form's
 * @param {string} path
 * @param {(form: FormData) => object} body
 * @param {(made: any) => string} secret
 */
function takeForm(id, path, body, secret) {
  const form = /** @type {HTMLFormElement|null} */ (document.getElementById(id));
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reason = part(form, "reason");
    const { told, error } = await call("POST", path, body(new FormData(form)));
    reason.textContent = error;
    reason.hidden = !error;
    if (error) return;
    await showSecret(secret(told));
    if ("opened" in page.dataset && "key" in told) location.href = "/login?next=/settings";
    else anew(form);
  });
}

takeForm(
  "new-key",
  "/v1/keys",
  (form) => ({
    name: form.get("name"),
    scopes: form.getAll("scopes"),
    expires_in_days: Number(form.get("expires_in_days")) || null,
    budget: { day: form.get("budget") || null },
  }),
  (made) => made.key,
);
takeForm("new-webhook", "/v1/webhooks", (form) => ({ url: form.get("url"), events: form.getAll("events") }), (made) => made.secret);

page.addEventListener("click", async (event) => {
  const button = buttonOf(event);
  const entry = /** @type {HTMLElement|null} */ (button?.closest(".entry"));
  if (!button || !entry) return;
  const webhook = `/v1/webhooks/${entry.dataset.webhook}`;
  if ("revoke" in button.dataset) await end(entry, say("Revoke this key?"), say("Revoke"), `/v1/keys/${entry.dataset.key}`);
  if ("remove" in button.dataset) await end(entry, say("Delete this webhook?"), say("Delete"), webhook);
  if ("test" in button.dataset) await tryOut(webhook, part(entry, "told"));
  if ("rotate" in button.dataset) {
    const { told, error } = await call("POST", `${webhook}/rotate`);
    part(entry, "told").textContent = error || say("What is sent is signed with the secret before, too, for a day.");
    if (told) await showSecret(told.secret);
  }
  if (button.dataset.switch) {
    const { error } = await call("PATCH", webhook, { enabled: button.dataset.switch === "true" });
    if (error) part(entry, "told").textContent = error;
    else anew(entry);
  }
});

page.addEventListener(
  "toggle",
  (event) => {
    const details = event.target;
    if (!(details instanceof HTMLDetailsElement) || !details.open || !("deliveries" in details.dataset)) return;
    const entry = /** @type {HTMLElement} */ (details.closest(".entry"));
    void showDeliveries(`/v1/webhooks/${entry.dataset.webhook}`, part(details, "deliveries"));
  },
  true, // it does not bubble
);

/** @param {HTMLElement} entry @param {string} question @param {string} yes @param {string} path */
async function end(entry, question, yes, path) {
  const sure = dialog("sure");
  part(sure, "question").textContent = question;
  part(sure, "name").textContent = entry.dataset.name ?? "";
  part(sure, "yes").textContent = yes;
  if ((await ask(sure)) !== "yes") return;
  const { error } = await call("DELETE", path);
  if (error) part(entry, "told").textContent = error;
  else anew(entry);
}

copyOnClick(document.body);
showTimes(page);
