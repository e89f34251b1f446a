import { describe, expect, it } from 'vitest';
import { codeChallenge, randomText } from './pkce';

describe('PKCE', () => {
  it('computes the challenge of RFC 7636, appendix B', async () => {
    expect(await codeChallenge('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    );
  });

  it('makes verifiers that are long enough, need no escaping and are unique', () => {
    const made = Array.from({ length: 100 }, randomText);
    for (const each of made) expect(each).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(made).size).toBe(100);
  });
});
