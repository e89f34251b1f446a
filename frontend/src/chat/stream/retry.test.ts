// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';
import { Problem, unreachable } from '@/api/problem';
import { backoffMs, callWithRetry, RetryPolicy, waitForNetwork } from './retry';

const patience = (endless = false) => new RetryPolicy(() => 0, endless);

/** The network comes back again and again, so that this test never waits. */
function eager(): () => void {
  const timer = setInterval(() => dispatchEvent(new Event('online')), 1);
  return () => clearInterval(timer);
}

describe('RetryPolicy', () => {
  it('does not repeat errors that will stay', () => {
    for (const status of [400, 401, 404, 409, 410, 422]) {
      expect(() => patience().delayAfter(new Problem(status, {}))).toThrow(Problem);
    }
    expect(() => patience(true).delayAfter(new TypeError('a fault of ours'))).toThrow(TypeError);
  });

  it('is long enough for a service that restarts', () => {
    const waiting = patience();
    let waited = 0;
    expect(() => {
      for (;;) waited += waiting.delayAfter(unreachable());
    }).toThrow(Problem);
    expect(waited).toBeGreaterThan(12_000);
    expect(waited).toBeLessThan(60_000);
  });

  it('adds jitter to Retry-After', () => {
    const waits = Array.from({ length: 50 }, () =>
      patience().delayAfter(new Problem(429, { type: '/problems/too-many-streams' }, 5000)),
    );
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(5000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(6000);
    expect(new Set(waits).size).toBeGreaterThan(10);
  });
});

describe('callWithRetry', () => {
  it('repeats the call until it succeeds, and reports the problem', async () => {
    const rest = eager();
    const call = vi.fn<() => Promise<string>>().mockResolvedValue('here');
    call.mockRejectedValueOnce(unreachable()).mockRejectedValueOnce(new Problem(503, {}));
    const troubles: (number | undefined)[] = [];
    expect(await callWithRetry(call, (trouble) => troubles.push(trouble?.status))).toBe('here');
    expect(troubles).toEqual([0, 503, undefined]);
    rest();
  });

  it('gives up at once when the call is refused', async () => {
    const call = vi.fn(async () => Promise.reject(new Problem(422, {})));
    await expect(callWithRetry(call, () => undefined)).rejects.toMatchObject({ status: 422 });
    expect(call).toHaveBeenCalledTimes(1);
  });
});

describe('waitForNetwork', () => {
  it('ends when the network is back', async () => {
    const waiting = waitForNetwork(1_000_000);
    dispatchEvent(new Event('online'));
    await waiting;
  });
});

describe('backoffMs', () => {
  it('grows with each failure up to ten seconds', () => {
    for (let failures = 1; failures < 30; failures += 1) {
      expect(backoffMs(failures)).toBeLessThanOrEqual(Math.min(10_000, 300 * 2 ** (failures - 1)));
      expect(backoffMs(failures)).toBeGreaterThanOrEqual(150);
    }
  });
});
