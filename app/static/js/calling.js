// @ts-check
/** Calls of the API with JSON, and what it says where it refuses. */

import { token } from "./session.js";
import { reasonOf, say } from "./texts.js";

/**
 * @param {string} method
 * @param {string} path
 * @param {object=} body
 * @returns {Promise<{told: any, error: string, status?: number}>} the answer, or why there is none
 */
export async function call(method, path, body) {
  try {
    const headers = { ...token(), ...(body ? { "Content-Type": "application/json" } : {}) };
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
    const told = await answer.json().catch(() => null);
    if (answer.ok) return { told, error: "" };
    /** @type {{detail: string}[]} */
    const wrong = told?.errors ?? [];
    return { told: null, error: wrong.map((one) => one.detail).join(" ") || reasonOf(answer.status, told), status: answer.status };
  } catch {
    return { told: null, error: say("The server could not be reached.") };
  }
}
