import { Problem } from '@/api/problem';
import { parseFrame } from './frames';
import { readEvents } from './sse';
import type { TurnView } from './turn';
import { takeFrame } from './turn';

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 10_000;
/** How often a request that no turn has answered yet is sent again before the person is asked. */
const ATTEMPTS_BEFORE_START = 3;

export interface Following {
  /** The turn's stream after what `view` knows; before its start, the request that starts it. */
  open: (view: TurnView | null) => Promise<Response>;
  onView: (view: TurnView) => void;
  onConnection: (connected: boolean) => void;
  wait: (milliseconds: number) => Promise<void>;
  signal: AbortSignal;
  now: () => number;
}

/** Follows a turn to its end over any number of connections. Throws what cannot be retried. */
export async function followTurn(following: Following): Promise<TurnView | null> {
  let view: TurnView | null = null;
  let failures = 0;
  while (!following.signal.aborted) {
    const before = view?.lastId ?? null;
    let pause: number | null = null;
    try {
      view = await readOnce(following, view);
      if (view && view.state !== 'running') return view;
    } catch (error) {
      if (following.signal.aborted) return view;
      if (!(error instanceof Problem)) throw error;
      if (!isPassing(error)) throw error;
      if (!view && failures + 1 >= ATTEMPTS_BEFORE_START) throw error;
      pause = error.retryAfter;
    }
    failures = before === (view?.lastId ?? null) ? failures + 1 : 1;
    if (!view && failures >= ATTEMPTS_BEFORE_START)
      throw new Problem(0, { type: '/problems/network' });
    following.onConnection(false);
    await following.wait(pause ?? backOff(failures));
  }
  return view;
}

/** One connection: its frames until it ends, breaks or leaves one out. */
async function readOnce(following: Following, known: TurnView | null): Promise<TurnView | null> {
  const response = await following.open(known);
  following.onConnection(true);
  let view = known;
  try {
    for await (const event of readEvents(response)) {
      const taken = takeFrame(view, parseFrame(event), following.now());
      if (taken.outcome === 'gap') return view;
      if (taken.outcome === 'duplicate' || !taken.view) continue;
      view = taken.view;
      following.onView(view);
      if (view.state !== 'running') return view;
    }
  } catch (error) {
    // A connection may break anywhere; what was read before stays, and the next one goes on from it.
    if (following.signal.aborted) throw error;
  }
  return view;
}

const isPassing = (problem: Problem) =>
  problem.status === 0 || problem.status === 408 || problem.status === 429 || problem.status >= 500;

export function backOff(failures: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return longest / 2 + (Math.random() * longest) / 2;
}

/** Waits, but no longer than until the network is back. */
export function waitForNetwork(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener('online', done);
  });
}
