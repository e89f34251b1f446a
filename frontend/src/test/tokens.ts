const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An unsigned ID token. */
export const tokenFor = (claims: { exp: number; sub?: string; email?: string; nonce?: string }) =>
  `${part({ alg: 'none' })}.${part({ sub: 'u1', email: 'kim@example.com', ...claims })}.`;
