const hex = (bytes: number) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

/** A new trace that begins here, as W3C Trace Context writes it, to be recorded. */
export function newTraceparent(): string {
  return `00-${hex(16)}-${hex(8)}-01`;
}
