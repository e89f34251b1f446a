import { Problem, unreachable } from '@/api/problem';
import { parseFrame } from './frames';
import { RetryPolicy } from './retry';
import { readEvents } from './sse';
import type { TurnView } from './turn';
import { acceptFrame } from './turn';

/** After joining a turn, frames that come within this time may be replayed. */
const REPLAY_MS = 1000;

export interface FollowOptions {
  /** True if the turn already runs. Then it is followed without a time limit. */
  isRunning: boolean;
  /** Opens the stream after `view.lastId`; with `view` null, sends the request that starts the turn. */
  open: (view: TurnView | null) => Promise<Response>;
  onView: (view: TurnView) => void;
  /** Called with the problem that interrupts the stream, and with null when the stream is open. */
  onTrouble: (trouble: Problem | null) => void;
  wait: (milliseconds: number) => Promise<void>;
  signal: AbortSignal;
  now: () => number;
  /** Whether this turn's model reasons before it answers. */
  reasons?: ((modelId: string) => boolean) | undefined;
}

/** Follows a turn to its end over any number of connections. Throws errors that cannot be retried. */
export async function followTurn(options: FollowOptions): Promise<TurnView | null> {
  const policy = new RetryPolicy(options.now, options.isRunning);
  let view: TurnView | null = null;
  while (!options.signal.aborted) {
    const before: string | null = view?.lastId ?? null;
    let trouble = unreachable();
    try {
      view = await readOnce(options, view);
      if (view && view.state !== 'running') return view;
    } catch (error) {
      if (options.signal.aborted) return view;
      if (!(error instanceof Problem)) throw error;
      trouble = error;
    }
    if (before !== (view?.lastId ?? null)) policy.reset();
    const pause = policy.delayAfter(trouble);
    options.onTrouble(trouble);
    await options.wait(pause);
  }
  return view;
}

/** Reads frames from one connection until it ends, breaks or skips a frame. */
async function readOnce(options: FollowOptions, known: TurnView | null): Promise<TurnView | null> {
  const response = await options.open(known);
  options.onTrouble(null);
  const openedAt = options.now();
  const isReplayed = (now: number) =>
    options.isRunning && known === null && now - openedAt < REPLAY_MS;
  let view = known;
  try {
    for await (const event of readEvents(response)) {
      const now = options.now();
      const time = isReplayed(now) ? null : now;
      const taken = acceptFrame(view, parseFrame(event), time, options.reasons);
      if (taken.outcome === 'gap') return view;
      if (taken.outcome === 'duplicate' || !taken.view) continue;
      view = taken.view;
      options.onView(view);
      if (view.state !== 'running') return view;
    }
  } catch (error) {
    // The connection broke: keep the frames so far; the next connection continues after them.
    if (options.signal.aborted) throw error;
  }
  return view;
}
