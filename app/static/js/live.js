// @ts-check
/**
 * Follows all documents by the server's events; where no stream is to be had, those that are open one by one.
 * A page that nobody sees holds none of the browser's six connections.
 */

import { follow } from "./following.js";

const AT_ONCE = 300; // milliseconds in which changes are shown together
const AGAIN = 10_000; // milliseconds until a stream that was refused is asked for again

/**
 * @param {{changed: (ids: string[]) => Promise<void>, gone: (id: string) => void, open: () => string[]}} list
 * @param {(why: "" | "lost" | "signed out") => void} tell what stands between the page and the server
 * @returns {{add: (id: string) => void}} to be told of each job that is on its way
 */
export function live(list, tell) {
  /** @type {EventSource|null} */
  let stream = null;
  /** @type {ReturnType<typeof follow>|null} */
  let polling = null;
  /** @type {Set<string>} */
  const waiting = new Set();
  let busy = false;

  function connect() {
    if (document.hidden || stream) return;
    stream = new EventSource("/v1/events");
    stream.onopen = () => {
      tell("");
      polling = null; // what it follows already, it follows to its end
      note(list.open()); // what changed while there was no stream
    };
    stream.onerror = async () => {
      if (stream?.readyState !== EventSource.CLOSED) return tell("lost"); // and the browser comes again by itself
      stream = null; // refused
      const answer = await status();
      tell(answer === 200 ? "" : answer === 401 ? "signed out" : "lost");
      if (answer === 200) poll();
      setTimeout(connect, AGAIN);
    };
    for (const kind of ["status", "progress", "done"]) {
      stream.addEventListener(kind, (event) => note([JSON.parse(event.data).task_id]));
    }
    stream.addEventListener("deleted", (event) => list.gone(JSON.parse(event.data).task_id));
  }

  /** @returns {Promise<number>} what the server says to this page, 0 for nothing */
  async function status() {
    const answer = await fetch("/documents/rows?ids=", { headers: { Accept: "application/json" } }).catch(() => null);
    return answer?.status ?? 0;
  }

  function poll() {
    polling ??= follow((id) => list.changed([id]));
    for (const id of list.open()) polling.add(id);
  }

  /** @param {string[]} ids */
  function note(ids) {
    for (const id of ids) waiting.add(id);
    if (!busy && waiting.size) void show();
  }

  async function show() {
    busy = true;
    while (waiting.size) {
      await new Promise((done) => setTimeout(done, AT_ONCE));
      const ids = [...waiting].slice(0, 25);
      for (const id of ids) waiting.delete(id);
      await list.changed(ids).catch(() => undefined); // the next event says it again
    }
    busy = false;
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      stream?.close();
      stream = null;
    } else connect();
  });
  connect();
  return { add: (id) => polling?.add(id) };
}
