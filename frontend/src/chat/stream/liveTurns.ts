import { create } from 'zustand';
import type { Problem } from '@/api/problem';
import { onSignedOut } from '@/auth/session';
import { followTurn } from './follow';
import { waitForNetwork } from './retry';
import type { TurnView } from './turn';

/** The page renders at most this often, because frames may come faster than a screen shows them. */
const SHOW_EVERY_MS = 40;
/** A problem is reported only if it lasts this long. */
const TROUBLE_DELAY_MS = 1000;

export interface LiveTurn extends TurnView {
  /** The slug of the problem that interrupts the stream; set when it lasts. */
  trouble: string | null;
  stopping: boolean;
}

export const useLiveTurns = create<{ turns: Record<string, LiveTurn> }>()(() => ({ turns: {} }));

const followed = new Map<string, AbortController>();

export const isFollowed = (turnId: string) => followed.has(turnId);

export function changeLiveTurn(turnId: string, change: Partial<LiveTurn>): void {
  useLiveTurns.setState(({ turns }) => {
    const turn = turns[turnId];
    return turn ? { turns: { ...turns, [turnId]: { ...turn, ...change } } } : { turns };
  });
}

function storeView(view: TurnView): void {
  useLiveTurns.setState(({ turns }) => {
    const before = turns[view.turnId];
    const rest = { trouble: before?.trouble ?? null, stopping: before?.stopping ?? false };
    return { turns: { ...turns, [view.turnId]: { ...view, ...rest } } };
  });
}

export function removeLiveTurn(turnId: string): void {
  useLiveTurns.setState(({ turns }) => {
    const { [turnId]: _gone, ...rest } = turns;
    return { turns: rest };
  });
}

/** Limits how often views are stored: the latest one every 40 ms, the last one at once. */
class ViewThrottle {
  private latest: TurnView | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  set(view: TurnView): void {
    this.latest = view;
    this.timer ??= setTimeout(() => this.flush(), SHOW_EVERY_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.latest) storeView(this.latest);
    this.latest = null;
  }
}

/** Reports a problem if it lasts for a second, and reports its end at once. */
class TroubleReporter {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private reported: string | null = null;
  private latest: string | null = null;

  constructor(private readonly report: (slug: string | null) => void) {}

  set(trouble: Problem | null): void {
    this.latest = trouble?.slug ?? null;
    if (trouble && this.reported === null)
      this.timer ??= setTimeout(() => this.flush(), TROUBLE_DELAY_MS);
    else this.flush();
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.latest !== this.reported) this.report(this.latest);
    this.reported = this.latest;
  }
}

export interface WatchOptions {
  /** Set if the turn already runs. */
  turnId?: string;
  open: (view: TurnView | null, signal: AbortSignal) => Promise<Response>;
  /** Called before the first frame only, with the slug of the problem that delays the start, or null. */
  onWaiting?: (slug: string | null) => void;
  onStarted?: (view: TurnView) => void;
  onTitle: (view: TurnView, title: string) => void;
  /** Whether this turn's model reasons before it answers. */
  reasons?: (modelId: string) => boolean;
}

/** Follows a turn and updates the store. Resolves with the last view, or null when stopped before one. */
export async function watchTurn(options: WatchOptions): Promise<TurnView | null> {
  const stop = new AbortController();
  const throttle = new ViewThrottle();
  const reporter = new TroubleReporter((slug) =>
    latest ? changeLiveTurn(latest.turnId, { trouble: slug }) : options.onWaiting?.(slug),
  );
  let latest: TurnView | null = null;
  if (options.turnId) followed.set(options.turnId, stop);
  const onView = (view: TurnView) => {
    const previous = latest;
    latest = view;
    if (!previous) {
      followed.set(view.turnId, stop);
      storeView(view);
      options.onStarted?.(view);
    } else throttle.set(view);
    if (view.title && view.title !== previous?.title) options.onTitle(view, view.title);
  };
  try {
    return await followTurn({
      open: (view) => options.open(view, stop.signal),
      onView,
      onTrouble: (trouble) => reporter.set(trouble),
      isRunning: options.turnId !== undefined,
      wait: waitForNetwork,
      signal: stop.signal,
      now: Date.now,
      reasons: options.reasons,
    });
  } finally {
    throttle.flush();
    reporter.set(null);
    const turnId = latest ? (latest as TurnView).turnId : options.turnId;
    if (turnId) followed.delete(turnId);
  }
}

/** Closes the streams of a conversation, or of all. The turns continue on the server. */
export function stopFollowing(conversationId?: string): void {
  const { turns } = useLiveTurns.getState();
  for (const [turnId, stop] of followed) {
    if (conversationId && turns[turnId]?.conversationId !== conversationId) continue;
    stop.abort();
    followed.delete(turnId);
    removeLiveTurn(turnId);
  }
}

onSignedOut(() => stopFollowing());
