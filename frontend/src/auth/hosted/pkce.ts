const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** 256 bits that nobody guesses, in the 43 characters that RFC 7636 asks of a verifier at least. */
export const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** RFC 7636, S256: what the authorization server may know before the verifier is shown. */
export async function codeChallenge(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}
