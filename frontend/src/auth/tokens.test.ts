// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';
import { tokenFor } from '@/test/tokens';
import { CognitoError, type Tokens } from './cognito';
import { SignedOutError, type TokenPorts, TokenStore } from './tokens';

const MINUTE = 60_000;

/** A browser's lock and storage, shared by its tabs, and a pool that rotates refresh tokens. */
function browser() {
  let queue = Promise.resolve<unknown>(undefined);
  let stored: string | null = 'refresh-0';
  let valid = 'refresh-0';
  let now = 0;
  const pool = vi.fn(async (refreshToken: string): Promise<Tokens> => {
    if (refreshToken !== valid) throw new CognitoError('NotAuthorizedException', 'revoked');
    valid = `refresh-${pool.mock.calls.length}`;
    return { idToken: tokenFor({ exp: now / 1000 + 1800 }), refreshToken: valid };
  });
  const changes: (string | null)[] = [];
  const ports: TokenPorts = {
    refresh: pool,
    storage: {
      read: () => stored,
      write: (token) => {
        stored = token;
      },
    },
    lock: (_, work) => {
      const mine = queue.then(work);
      queue = mine.catch(() => undefined);
      return mine;
    },
    now: () => now,
    onChange: (claims) => changes.push(claims?.sub ?? null),
  };
  return {
    pool,
    changes,
    ports,
    tab: () => new TokenStore(ports),
    stored: () => stored,
    forgetStored: () => {
      stored = null;
    },
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe('TokenStore', () => {
  it('keeps the ID token in memory only', async () => {
    const { tab, stored } = browser();
    const token = await tab().get();
    expect(stored()).not.toContain(token);
    expect(localStorage).toHaveLength(0);
  });

  it('refreshes once for overlapping calls', async () => {
    const { tab, pool } = browser();
    const keeper = tab();
    const tokens = await Promise.all([keeper.get(), keeper.get(), keeper.renew()]);
    expect(new Set(tokens).size).toBe(1);
    expect(pool).toHaveBeenCalledTimes(1);
  });

  it('lets tabs refresh one after the other, each with the newest token', async () => {
    const { tab, pool } = browser();
    await Promise.all([tab().get(), tab().get(), tab().get()]);
    expect(pool.mock.calls.flat()).toEqual(['refresh-0', 'refresh-1', 'refresh-2']);
  });

  it('renews a minute before the end, not earlier', async () => {
    const { tab, pool, pass } = browser();
    const keeper = tab();
    await keeper.get();
    pass(28 * MINUTE);
    await keeper.get();
    expect(pool).toHaveBeenCalledTimes(1);
    expect(keeper.msUntilRenewal()).toBe(MINUTE);
    pass(MINUTE);
    await keeper.get();
    expect(pool).toHaveBeenCalledTimes(2);
  });

  it('signs out once when the pool refuses', async () => {
    const { tab, ports, changes, stored } = browser();
    ports.storage.write('stolen');
    await expect(tab().get()).rejects.toBeInstanceOf(SignedOutError);
    expect(changes).toEqual([null]);
    expect(stored()).toBeNull();
  });

  it('stays signed in when the pool cannot be reached', async () => {
    const { tab, pool, stored, changes } = browser();
    pool.mockRejectedValueOnce(new CognitoError('Offline', ''));
    const keeper = tab();
    await expect(keeper.get()).rejects.toMatchObject({ code: 'Offline' });
    expect(stored()).toBe('refresh-0');
    expect(changes).toEqual([]);
    await expect(keeper.get()).resolves.toBeTruthy();
  });

  it('signs out when another tab has signed out', async () => {
    const { tab, forgetStored } = browser();
    const keeper = tab();
    await keeper.get();
    forgetStored();
    await expect(keeper.renew()).rejects.toBeInstanceOf(SignedOutError);
  });
});
