// @ts-check
/**
 * Follows jobs by GET /status/{id}?wait=. A browser has six connections to a server, so at most two
 * hold a wait; with more jobs than that they take turns, oldest first, with short waits.
 */

const WAITS = 2;
const FINAL = ["SUCCESS", "FAILURE", "REVOKED"];

/**
 * @typedef {{tag: string, final: boolean}} Seen what tells one version of a job from another
 */

/**
 * @param {(id: string) => Promise<void>} changed called when there is something new of a job
 * @returns {{add: (id: string) => void}}
 */
export function follow(changed) {
  /** @type {string[]} */
  const turn = [];
  /** The jobs that are followed, and the version last seen of each. @type {Map<string, string>} */
  const seen = new Map();
  let running = 0;

  /** @param {string} id */
  function add(id) {
    if (!id || seen.has(id)) return;
    seen.set(id, "");
    turn.push(id);
    start();
  }

  function start() {
    while (running < WAITS && running < seen.size && !document.hidden) {
      running += 1;
      void run();
    }
  }

  async function run() {
    let id;
    while (!document.hidden && (id = turn.shift())) {
      const known = seen.get(id) ?? "";
      const now = await look(id, known, seen.size > WAITS ? 1 : 20);
      if (now === null) await pause(2000);
      else if (now.tag === known) await pause(200);
      else if (await told(id)) seen.set(id, now.tag);
      if (now?.final && now.tag === seen.get(id)) seen.delete(id);
      else turn.push(id);
    }
    running -= 1;
  }

  /** @param {string} id @returns {Promise<boolean>} false where what is new could not be shown */
  async function told(id) {
    try {
      await changed(id);
      return true;
    } catch {
      await pause(2000);
      return false;
    }
  }

  document.addEventListener("visibilitychange", start);
  return { add };
}

/**
 * @param {string} id
 * @param {string} tag the version that is known, "" for none
 * @param {number} wait seconds to wait for another one
 * @returns {Promise<Seen|null>} null when nothing was learned
 */
async function look(id, tag, wait) {
  try {
    /** @type {Record<string, string>} */
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(`/status/${id}?wait=${tag ? wait : 0}`, { headers, cache: "no-store" });
    if (answer.status === 304) return { tag, final: false };
    if (answer.status === 404 || answer.status === 410) return { tag: "gone", final: true };
    if (!answer.ok) return null;
    const job = await answer.json();
    return { tag: answer.headers.get("ETag") ?? job.status, final: FINAL.includes(job.status) };
  } catch {
    return null;
  }
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
