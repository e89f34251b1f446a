import { describe, expect, it, vi } from 'vitest';
import { Problem } from '@/api/problem';
import { completed, delta, responseOf, type Said, sse, started } from '@/test/streams';
import { backOff, followTurn } from './follow';
import type { TurnView } from './turn';

const LOG: Said[] = [started(), delta('a'), delta('b'), delta('c'), completed];

type Open = (view: TurnView | null) => Promise<Response>;

function follow(open: Open) {
  const seen = { connections: [] as boolean[], waits: [] as number[] };
  const result = followTurn({
    open,
    onView: () => undefined,
    onConnection: (connected) => seen.connections.push(connected),
    wait: async (milliseconds) => void seen.waits.push(milliseconds),
    signal: new AbortController().signal,
    now: () => 0,
  });
  return { result, seen };
}

const positionOf = (view: TurnView | null) => Number(view?.lastId ?? 0);

describe('followTurn', () => {
  it('continues after the last frame each time the connection breaks', async () => {
    const asked: number[] = [];
    const { result } = follow(async (view) => {
      const from = positionOf(view);
      asked.push(from);
      return responseOf([sse(LOG.slice(from, from + 2), from + 1)], true);
    });
    const view = await result;
    expect(asked).toEqual([0, 2, 4]);
    expect(view?.parts).toEqual([{ kind: 'text', text: 'abc' }]);
    expect(view?.state).toBe('completed');
  });

  it('goes on when a stream ends politely without an end of the turn', async () => {
    const { result, seen } = follow(async (view) => {
      const from = positionOf(view);
      return responseOf([sse(LOG.slice(from, from === 0 ? 3 : undefined), from + 1)]);
    });
    expect((await result)?.state).toBe('completed');
    expect(seen.connections).toEqual([true, false, true]);
  });

  it('asks again from where it was when a frame is missing', async () => {
    let first = true;
    const { result } = follow(async (view) => {
      const from = positionOf(view);
      if (!first) return responseOf([sse(LOG.slice(from), from + 1)]);
      first = false;
      return responseOf([sse(LOG.slice(0, 2)), sse(LOG.slice(3), 4)]);
    });
    expect((await result)?.parts).toEqual([{ kind: 'text', text: 'abc' }]);
  });

  it('waits as long as the service asks for', async () => {
    const open = vi
      .fn<Open>()
      .mockRejectedValueOnce(new Problem(503, {}, 7000))
      .mockResolvedValueOnce(responseOf([sse(LOG)]));
    const { result, seen } = follow(open);
    await result;
    expect(seen.waits).toEqual([7000]);
  });

  it('gives a send that nobody answers back to the person after three attempts', async () => {
    const open = vi.fn<Open>().mockRejectedValue(new Problem(0, { type: '/problems/network' }));
    await expect(follow(open).result).rejects.toMatchObject({ slug: 'network' });
    expect(open).toHaveBeenCalledTimes(3);
  });

  it('never gives up a turn that has begun', async () => {
    const open = vi.fn<Open>().mockRejectedValue(new Problem(0, {}));
    open.mockResolvedValueOnce(responseOf([sse(LOG.slice(0, 2))], true));
    for (let failure = 0; failure < 20; failure += 1)
      open.mockRejectedValueOnce(new Problem(0, {}));
    open.mockResolvedValueOnce(responseOf([sse(LOG.slice(2), 3)]));
    expect((await follow(open).result)?.state).toBe('completed');
  });

  it.each([400, 401, 404, 409, 410, 422])(
    'does not repeat what is refused with %i',
    async (status) => {
      const open = vi.fn<Open>().mockRejectedValue(new Problem(status, {}));
      await expect(follow(open).result).rejects.toMatchObject({ status });
      expect(open).toHaveBeenCalledTimes(1);
    },
  );

  it('stops when it is let go', async () => {
    const stop = new AbortController();
    const result = followTurn({
      open: async () => {
        stop.abort();
        throw new DOMException('aborted', 'AbortError');
      },
      onView: () => undefined,
      onConnection: () => undefined,
      wait: async () => undefined,
      signal: stop.signal,
      now: () => 0,
    });
    expect(await result).toBeNull();
  });
});

describe('backOff', () => {
  it('grows with each failure up to ten seconds', () => {
    for (let failures = 1; failures < 30; failures += 1) {
      expect(backOff(failures)).toBeLessThanOrEqual(Math.min(10_000, 300 * 2 ** (failures - 1)));
      expect(backOff(failures)).toBeGreaterThanOrEqual(150);
    }
  });
});
