const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An ID token that nobody signed. */
export const tokenFor = (claims: { exp: number; sub?: string; email?: string; nonce?: string }) =>
  `${part({ alg: 'none' })}.${part({ sub: 'u1', email: 'kim@example.com', ...claims })}.`;
