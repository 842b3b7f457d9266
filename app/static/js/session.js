// @ts-check
/** What shows that a call comes from this page, where a key is needed: its token, beside the cookie. */

/** @returns {Record<string, string>} headers for calls that change something */
export function token() {
  const meta = document.querySelector('meta[name="csrf"]');
  return meta ? { "X-CSRF-Token": meta.getAttribute("content") ?? "" } : {};
}
