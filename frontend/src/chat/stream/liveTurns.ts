import { create } from 'zustand';
import type { Problem } from '@/api/problem';
import { onSignedOut } from '@/auth/session';
import { followTurn } from './follow';
import { waitForNetwork } from './retry';
import type { TurnView } from './turn';

/** Frames may come faster than a screen shows them; the page is told at most this often. */
const SHOW_EVERY_MS = 40;
/** Trouble that is over sooner than this is nobody's business. */
const TROUBLE_DELAY_MS = 1000;

export interface LiveTurn extends TurnView {
  /** What keeps it from going on, as a problem's slug, once that has lasted. */
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

/** Shows the latest view soon, the first and the last at once. */
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

/** Tells of trouble when it lasts, and of its end at once. */
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
  /** Known from the beginning when a running turn is joined. */
  turnId?: string;
  open: (view: TurnView | null, signal: AbortSignal) => Promise<Response>;
  /** What keeps it from starting, or null: before the first frame only. */
  onWaiting?: (slug: string | null) => void;
  onStarted?: (view: TurnView) => void;
  onTitle: (view: TurnView, title: string) => void;
}

/** Follows a turn and keeps the store in step. Resolves with its last view, null when given up. */
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
    });
  } finally {
    throttle.flush();
    reporter.set(null);
    const turnId = latest ? (latest as TurnView).turnId : options.turnId;
    if (turnId) followed.delete(turnId);
  }
}

/** Lets go of every stream; the turns themselves go on at the server. */
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
