import { randomText } from './pkce';

const KEY = 'colloquy.hosted-sign-in';

/** What this tab must still know when the provider sends the person back to it. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** The path that the person was going to. */
  from: string;
}

/** Throws where storage is forbidden: better said before the person leaves than after. */
export function startAttempt(from: string): Attempt {
  const attempt = { state: randomText(), nonce: randomText(), verifier: randomText(), from };
  sessionStorage.setItem(KEY, JSON.stringify(attempt));
  return attempt;
}

/** Each attempt ends with the first answer, whatever that is: none can be played twice. */
export function takeAttempt(): Attempt | null {
  try {
    const text = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return text === null ? null : (JSON.parse(text) as Attempt);
  } catch {
    return null;
  }
}
