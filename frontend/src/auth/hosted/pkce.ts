const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** 256 random bits as 43 characters, the shortest verifier that RFC 7636 allows. */
export const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** The S256 code challenge of RFC 7636 for a verifier. */
export async function codeChallenge(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}
