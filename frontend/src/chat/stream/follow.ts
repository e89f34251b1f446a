import { Problem, unreachable } from '@/api/problem';
import { parseFrame } from './frames';
import { Patience } from './patience';
import { readEvents } from './sse';
import type { TurnView } from './turn';
import { takeFrame } from './turn';

export interface Following {
  /** The turn runs already: it is followed however long that takes. */
  begun: boolean;
  /** The turn's stream after what `view` knows; before its start, the request that starts it. */
  open: (view: TurnView | null) => Promise<Response>;
  onView: (view: TurnView) => void;
  /** What keeps the stream from going on; null as soon as it is open. */
  onTrouble: (trouble: Problem | null) => void;
  wait: (milliseconds: number) => Promise<void>;
  signal: AbortSignal;
  now: () => number;
}

/** Follows a turn to its end over any number of connections. Throws what cannot be retried. */
export async function followTurn(following: Following): Promise<TurnView | null> {
  const patience = new Patience(following.now, following.begun);
  let view: TurnView | null = null;
  while (!following.signal.aborted) {
    const before: string | null = view?.lastId ?? null;
    let trouble = unreachable();
    try {
      view = await readOnce(following, view);
      if (view && view.state !== 'running') return view;
    } catch (error) {
      if (following.signal.aborted) return view;
      if (!(error instanceof Problem)) throw error;
      trouble = error;
    }
    if (before !== (view?.lastId ?? null)) patience.renew();
    const pause = patience.after(trouble);
    following.onTrouble(trouble);
    await following.wait(pause);
  }
  return view;
}

/** One connection: its frames until it ends, breaks or leaves one out. */
async function readOnce(following: Following, known: TurnView | null): Promise<TurnView | null> {
  const response = await following.open(known);
  following.onTrouble(null);
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
