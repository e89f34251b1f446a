import { describe, expect, it, vi } from 'vitest';
import { Problem, unreachable } from '@/api/problem';
import { completed, delta, responseOf, type SseFrame, sse, started } from '@/test/streams';
import { followTurn } from './follow';
import { ATTEMPTS } from './retry';
import type { TurnView } from './turn';

const LOG: SseFrame[] = [started(), delta('a'), delta('b'), delta('c'), completed];

type Open = (view: TurnView | null) => Promise<Response>;

function follow(open: Open, begun = false) {
  const seen = { troubles: [] as (string | null)[], waits: [] as number[] };
  let now = 0;
  const result = followTurn({
    isRunning: begun,
    open,
    onView: () => undefined,
    onTrouble: (trouble) => seen.troubles.push(trouble?.slug ?? null),
    wait: async (milliseconds) => {
      seen.waits.push(milliseconds);
      now += milliseconds;
    },
    signal: new AbortController().signal,
    now: () => now,
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

  it('connects again when a stream ends without the end of its turn', async () => {
    const { result, seen } = follow(async (view) => {
      const from = positionOf(view);
      return responseOf([sse(LOG.slice(from, from === 0 ? 3 : undefined), from + 1)]);
    });
    expect((await result)?.state).toBe('completed');
    expect(seen.troubles).toEqual([null, 'network', null]);
  });

  it('connects again after the last frame when a frame is missing', async () => {
    let first = true;
    const { result } = follow(async (view) => {
      const from = positionOf(view);
      if (!first) return responseOf([sse(LOG.slice(from), from + 1)]);
      first = false;
      return responseOf([sse(LOG.slice(0, 2)), sse(LOG.slice(3), 4)]);
    });
    expect((await result)?.parts).toEqual([{ kind: 'text', text: 'abc' }]);
  });

  it('measures no reasoning that is replayed to a page that joins a turn', async () => {
    const thought = { event: 'reasoning.delta', data: { text: 'hm' } };
    const log = [started(), thought, delta('a'), completed];
    const took = async (isJoined: boolean) =>
      (await follow(async () => responseOf([sse(log)]), isJoined).result)?.parts[0];
    expect(await took(true)).toMatchObject({ kind: 'reasoning', startedAt: null, tookMs: null });
    expect(await took(false)).toMatchObject({ kind: 'reasoning', startedAt: 0, tookMs: 0 });
  });

  it('waits as long as Retry-After says', async () => {
    const open = vi
      .fn<Open>()
      .mockRejectedValueOnce(new Problem(503, {}, 7000))
      .mockResolvedValueOnce(responseOf([sse(LOG)]));
    const { result, seen } = follow(open);
    await result;
    expect(seen.waits[0]).toBeGreaterThanOrEqual(7000);
    expect(seen.waits[0]).toBeLessThan(8500);
  });

  it('fails after some attempts without a response', async () => {
    const open = vi.fn<Open>().mockRejectedValue(unreachable());
    await expect(follow(open).result).rejects.toMatchObject({ slug: 'network' });
    expect(open).toHaveBeenCalledTimes(ATTEMPTS);
  });

  it('sends again if the connection broke before the first frame', async () => {
    const open = vi
      .fn<Open>()
      .mockResolvedValueOnce(responseOf([], true))
      .mockResolvedValueOnce(responseOf([]))
      .mockRejectedValueOnce(new Problem(502, {}, 1000))
      .mockRejectedValueOnce(new Problem(503, {}, 2000))
      .mockResolvedValueOnce(responseOf([sse(LOG)]));
    expect((await follow(open).result)?.parts).toEqual([{ kind: 'text', text: 'abc' }]);
    expect(open.mock.calls.every(([view]) => view === null)).toBe(true);
  });

  it.each(['too-many-turns', 'too-many-streams'])('waits at a limit: %s', async (slug) => {
    const full = new Problem(429, { type: `/problems/${slug}` }, 5000);
    const open = vi.fn<Open>();
    for (let asked = 0; asked < 3 * ATTEMPTS; asked += 1) open.mockRejectedValueOnce(full);
    open.mockResolvedValueOnce(responseOf([sse(LOG)]));
    const { result, seen } = follow(open);
    expect((await result)?.state).toBe('completed');
    expect(seen.troubles.slice(0, -1).every((trouble) => trouble === slug)).toBe(true);
  });

  it('waits at a limit only for some time', async () => {
    const full = new Problem(429, { type: '/problems/too-many-turns' }, 5000);
    await expect(follow(async () => Promise.reject(full)).result).rejects.toBe(full);
  });

  it('never gives up a turn that already runs', async () => {
    const open = vi.fn<Open>();
    for (let asked = 0; asked < 3 * ATTEMPTS; asked += 1) {
      open.mockRejectedValueOnce(new Problem(503, {}));
    }
    open.mockResolvedValueOnce(responseOf([sse(LOG)]));
    expect((await follow(open, true).result)?.state).toBe('completed');
  });

  it('never gives up a turn that has started', async () => {
    const open = vi.fn<Open>().mockRejectedValue(new Problem(0, {}));
    open.mockResolvedValueOnce(responseOf([sse(LOG.slice(0, 2))], true));
    for (let failure = 0; failure < 20; failure += 1)
      open.mockRejectedValueOnce(new Problem(0, {}));
    open.mockResolvedValueOnce(responseOf([sse(LOG.slice(2), 3)]));
    expect((await follow(open).result)?.state).toBe('completed');
  });

  it.each([400, 401, 404, 409, 410, 422])(
    'does not repeat a request that is refused with %i',
    async (status) => {
      const open = vi.fn<Open>().mockRejectedValue(new Problem(status, {}));
      await expect(follow(open).result).rejects.toMatchObject({ status });
      expect(open).toHaveBeenCalledTimes(1);
    },
  );

  it('stops when it is aborted', async () => {
    const stop = new AbortController();
    const result = followTurn({
      open: async () => {
        stop.abort();
        throw new DOMException('aborted', 'AbortError');
      },
      onView: () => undefined,
      isRunning: false,
      onTrouble: () => undefined,
      wait: async () => undefined,
      signal: stop.signal,
      now: () => 0,
    });
    expect(await result).toBeNull();
  });
});
