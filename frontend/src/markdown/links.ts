const SAFE = new Set(['http:', 'https:', 'mailto:']);

/** The address if it is allowed in a link, else null. Relative addresses are refused, because a link
 * in an answer must not act on this site. */
export function safeHref(href: string | null | undefined): string | null {
  if (!href) return null;
  try {
    const url = new URL(href);
    return SAFE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
