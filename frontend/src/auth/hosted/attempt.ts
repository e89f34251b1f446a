import { randomText } from './pkce';

const KEY = 'colloquy.hosted-sign-in';

/** The data that this tab needs when the provider redirects back. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** The path that the person was going to. */
  from: string;
}

/** Stores a new attempt. Throws if storage is forbidden, so that the error is shown before the redirect. */
export function startAttempt(from: string): Attempt {
  const attempt = { state: randomText(), nonce: randomText(), verifier: randomText(), from };
  sessionStorage.setItem(KEY, JSON.stringify(attempt));
  return attempt;
}

/** Returns the stored attempt and deletes it, so that a callback cannot be replayed. */
export function takeAttempt(): Attempt | null {
  try {
    const text = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return text === null ? null : (JSON.parse(text) as Attempt);
  } catch {
    return null;
  }
}
