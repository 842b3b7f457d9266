// @ts-check
/** What was sent to a webhook, and trying it out. */

import { call } from "./calling.js";
import { say } from "./texts.js";
import { timeText } from "./times.js";

const LOOKS = 30; // seconds for which a test is followed; its delivery is listed however long it takes

/** @param {any} delivery @returns {string} */
function outcome(delivery) {
  const why = delivery.status ?? delivery.error;
  if (delivery.state === "delivered") return say("Delivered ({why})", { why });
  if (delivery.state === "failed") return say("Failed ({why})", { why });
  return delivery.attempts ? say("Not taken yet ({why}), tried again later", { why }) : say("Waiting");
}

/** @param {string} webhook its path @param {HTMLElement} place where to say what came of it */
export async function tryOut(webhook, place) {
  const { told, error } = await call("POST", `${webhook}/test`);
  place.textContent = error || say("Sending a test …");
  for (let look = 0; told && look < LOOKS; look += 1) {
    await new Promise((done) => setTimeout(done, 1000));
    const found = (await call("GET", `${webhook}/deliveries`)).told?.deliveries ?? [];
    const test = found.find((/** @type {any} */ one) => one.id === told.id);
    if (!test?.attempts) continue;
    place.textContent = outcome(test);
    return;
  }
  if (told) place.textContent = say("Nothing was sent yet: does a worker run?");
}

/** @param {string} webhook its path @param {HTMLElement} place */
export async function showDeliveries(webhook, place) {
  const { told, error } = await call("GET", `${webhook}/deliveries?limit=20`);
  const items = (told?.deliveries ?? []).map((/** @type {any} */ delivery) => {
    const item = document.createElement("li");
    const text = item.appendChild(document.createElement("span"));
    text.textContent = `${timeText(new Date(delivery.created_at))} · ${delivery.type} · ${outcome(delivery)}`;
    if (delivery.state !== "pending") {
      const again = item.appendChild(document.createElement("button"));
      again.type = "button";
      again.className = "button small";
      again.textContent = say("Send again");
      again.addEventListener("click", async () => {
        const { error } = await call("POST", `${webhook}/deliveries/${delivery.id}/redeliver`);
        if (error) text.textContent = error;
        else await showDeliveries(webhook, place);
      });
    }
    return item;
  });
  place.replaceChildren(...items);
  if (!items.length) place.appendChild(document.createElement("li")).textContent = error || say("Nothing was sent yet.");
}
