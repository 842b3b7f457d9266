// @ts-check
/** JSON Merge Patches (RFC 7396) of an invoice's result, and pointers into it. */

/** @param {string} pointer @returns {string[]} */
export function steps(pointer) {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * The patch that puts a value at a pointer; a list on the way goes whole, as RFC 7396 has it.
 * @param {any} result @param {string} pointer @param {unknown} value
 */
export function patchOf(result, pointer, value) {
  /** @param {any} now @param {string[]} way @returns {any} */
  const made = (now, way) => {
    if (!way.length) return value;
    if (isPlace(now, way[0])) return whole(now ?? [], way);
    return { [way[0]]: made(now?.[way[0]], way.slice(1)) };
  };
  /** @param {any} now @param {string[]} way @returns {any} */
  const whole = (now, way) => {
    if (!way.length) return value;
    const [step, ...rest] = way;
    if (!isPlace(now, step)) return { ...now, [step]: whole(now?.[step], rest) };
    const list = [...(now ?? [])];
    list[Number(step)] = whole(list[Number(step)], rest);
    return list;
  };
  return made(result, steps(pointer));
}

/** Whether a step leads into a list, one that is not there yet too. @param {any} now @param {string} step */
function isPlace(now, step) {
  return Array.isArray(now) || (!now && /^\d+$/.test(step));
}

/**
 * The patch that makes a result as it was, where another patch changed it, and what people said of where its values stand.
 * @param {any} before @param {any} patch @param {Record<string, unknown>} places those that people gave, by pointer
 */
export function inverse(before, patch, places) {
  const { evidence = {}, ...values } = patch;
  const lost = Object.entries(places).filter(([pointer]) => pointer in evidence || steps(pointer)[0] in values);
  const given = Object.keys(evidence).map((pointer) => [pointer, null]);
  const old = Object.keys(values).map((name) => [name, before[name] ?? null]);
  return Object.fromEntries([...old, ...(given.length || lost.length ? [["evidence", Object.fromEntries([...given, ...lost])]] : [])]);
}

/** Where people said that values stand, of an invoice's evidence. @param {Record<string, any>} evidence */
export function placesIn(evidence) {
  const said = Object.entries(evidence).filter(([, one]) => one.origin === "person" && one.boxes.length);
  return Object.fromEntries(said.map(([pointer, { page, boxes }]) => [pointer, { page, boxes }]));
}
