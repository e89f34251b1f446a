import { create } from 'zustand';
import type { Problem } from '@/api/problem';
import { onSignedOut } from '@/auth/session';
import { followTurn } from './follow';
import { waitForNetwork } from './patience';
import type { TurnView } from './turn';

/** Frames may come faster than a screen shows them; the page is told at most this often. */
const SHOW_EVERY_MS = 40;
/** Trouble that is over sooner than this is nobody's business. */
const CALM_MS = 1000;

export interface LiveTurn extends TurnView {
  /** What keeps it from going on, as a problem's slug, once that has lasted. */
  trouble: string | null;
  stopping: boolean;
}

export const useLiveTurns = create<{ turns: Record<string, LiveTurn> }>()(() => ({ turns: {} }));

const followed = new Map<string, AbortController>();

export const isFollowed = (turnId: string) => followed.has(turnId);

export function changeLive(turnId: string, change: Partial<LiveTurn>): void {
  useLiveTurns.setState(({ turns }) => {
    const turn = turns[turnId];
    return turn ? { turns: { ...turns, [turnId]: { ...turn, ...change } } } : { turns };
  });
}

function show(view: TurnView): void {
  useLiveTurns.setState(({ turns }) => {
    const before = turns[view.turnId];
    const rest = { trouble: before?.trouble ?? null, stopping: before?.stopping ?? false };
    return { turns: { ...turns, [view.turnId]: { ...view, ...rest } } };
  });
}

export function dropLive(turnId: string): void {
  useLiveTurns.setState(({ turns }) => {
    const { [turnId]: _gone, ...rest } = turns;
    return { turns: rest };
  });
}

/** Shows the latest view soon, the first and the last at once. */
class Pace {
  private latest: TurnView | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  take(view: TurnView): void {
    this.latest = view;
    this.timer ??= setTimeout(() => this.flush(), SHOW_EVERY_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.latest) show(this.latest);
    this.latest = null;
  }
}

/** Tells of trouble when it lasts, and of its end at once. */
class Calm {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private told: string | null = null;
  private latest: string | null = null;

  constructor(private readonly tell: (slug: string | null) => void) {}

  take(trouble: Problem | null): void {
    this.latest = trouble?.slug ?? null;
    if (trouble && this.told === null) this.timer ??= setTimeout(() => this.flush(), CALM_MS);
    else this.flush();
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.latest !== this.told) this.tell(this.latest);
    this.told = this.latest;
  }
}

export interface Watch {
  /** Known from the beginning when a running turn is joined. */
  turnId?: string;
  open: (view: TurnView | null, signal: AbortSignal) => Promise<Response>;
  /** What keeps it from starting, or null: before the first frame only. */
  onWaiting?: (slug: string | null) => void;
  onStarted?: (view: TurnView) => void;
  onTitle: (view: TurnView, title: string) => void;
}

/** Follows a turn and keeps the store in step. Resolves with its last view, null when given up. */
export async function watchTurn(watch: Watch): Promise<TurnView | null> {
  const stop = new AbortController();
  const pace = new Pace();
  const calm = new Calm((slug) =>
    latest ? changeLive(latest.turnId, { trouble: slug }) : watch.onWaiting?.(slug),
  );
  let latest: TurnView | null = null;
  if (watch.turnId) followed.set(watch.turnId, stop);
  const onView = (view: TurnView) => {
    const previous = latest;
    latest = view;
    if (!previous) {
      followed.set(view.turnId, stop);
      show(view);
      watch.onStarted?.(view);
    } else pace.take(view);
    if (view.title && view.title !== previous?.title) watch.onTitle(view, view.title);
  };
  try {
    return await followTurn({
      open: (view) => watch.open(view, stop.signal),
      onView,
      onTrouble: (trouble) => calm.take(trouble),
      begun: watch.turnId !== undefined,
      wait: waitForNetwork,
      signal: stop.signal,
      now: Date.now,
    });
  } finally {
    pace.flush();
    calm.take(null);
    const turnId = latest ? (latest as TurnView).turnId : watch.turnId;
    if (turnId) followed.delete(turnId);
  }
}

/** Lets go of every stream; the turns themselves go on at the server. */
export function letGo(conversationId?: string): void {
  const { turns } = useLiveTurns.getState();
  for (const [turnId, stop] of followed) {
    if (conversationId && turns[turnId]?.conversationId !== conversationId) continue;
    stop.abort();
    followed.delete(turnId);
    dropLive(turnId);
  }
}

onSignedOut(() => letGo());
