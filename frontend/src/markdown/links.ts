const SAFE = new Set(['http:', 'https:', 'mailto:']);

/** The address when it is one that a reader may follow, else null. Relative ones are refused: an
 * answer has no address of its own, and must not act on ours. */
export function safeHref(href: string | null | undefined): string | null {
  if (!href) return null;
  try {
    const url = new URL(href);
    return SAFE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
