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
    const [step, ...rest] = way;
    if (Array.isArray(now)) return now.map((item, index) => (index === Number(step) ? whole(item, rest) : item));
    return { [step]: made(now?.[step], rest) };
  };
  /** @param {any} now @param {string[]} way @returns {any} */
  const whole = (now, way) => {
    if (!way.length) return value;
    const [step, ...rest] = way;
    if (Array.isArray(now)) return made(now, way);
    return { ...now, [step]: whole(now?.[step], rest) };
  };
  return made(result, steps(pointer));
}

/** The patch that makes a result as it was, where another patch changed it. @param {any} before @param {any} patch */
export function inverse(before, patch) {
  return Object.fromEntries(Object.keys(patch).map((name) => [name, before[name] ?? null]));
}
