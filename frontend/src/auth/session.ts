import { create } from 'zustand';
import { forgetLocal, readLocal, writeLocal } from '@/storage/local';
import { onTabMessage, postToTabs } from '@/storage/tabs';
import { refresh, revoke, type Tokens } from './cognito';
import type { AuthProblem } from './errors';
import { endHostedSession } from './hosted/logout';
import { type Claims, SignedOutError, TokenStore } from './tokens';

const REFRESH_KEY = 'colloquy.refresh-token';
/** Storage key that is set if the session came from a provider. Then the hosted domain has a cookie too. */
const HOSTED_KEY = 'colloquy.hosted-session';
/** Timers above 2^31 ms fire at once, so renewal is checked at least once an hour. */
const LONGEST_WAIT_MS = 3_600_000;

export interface User {
  id: string;
  email: string;
  groups: string[];
}

interface Session {
  state: 'starting' | 'signed-in' | 'signed-out' | 'unreachable';
  user: User | null;
  /** The session ended by itself; the sign-in page says so. */
  expired: boolean;
  /** The error of a sign-in by a provider. */
  failure: AuthProblem | null;
}

export const useSession = create<Session>()(() => ({
  state: 'starting',
  user: null,
  expired: false,
  failure: null,
}));

const signOutListeners = new Set<() => void>();

/** Registers a function that clears the person's data at sign-out. */
export function onSignedOut(forget: () => void): void {
  signOutListeners.add(forget);
}

const withLock = async <T>(name: string, work: () => Promise<T>): Promise<T> =>
  navigator.locks ? await navigator.locks.request(name, work) : work();

const tokenStore = new TokenStore({
  refresh,
  storage: {
    read: () => readLocal<string | null>(REFRESH_KEY, null),
    write: (token) => writeLocal(REFRESH_KEY, token),
  },
  lock: withLock,
  now: Date.now,
  onChange: applyClaims,
});

let renewal: ReturnType<typeof setTimeout> | undefined;

function applyClaims(claims: Claims | null): void {
  clearTimeout(renewal);
  const before = useSession.getState();
  if (!claims) {
    if (before.state === 'signed-in') for (const forget of signOutListeners) forget();
    useSession.setState({
      state: 'signed-out',
      user: null,
      expired: before.state === 'signed-in' || before.expired,
    });
    return;
  }
  const user = {
    id: claims.sub,
    email: claims.email ?? '',
    groups: claims['cognito:groups'] ?? [],
  };
  useSession.setState({ state: 'signed-in', user, expired: false, failure: null });
  queueMicrotask(scheduleRenewal);
}

function scheduleRenewal(): void {
  clearTimeout(renewal);
  const due = tokenStore.msUntilRenewal();
  if (due === null) return;
  renewal = setTimeout(
    () => {
      tokenStore.renew().catch((error) => {
        if (!(error instanceof SignedOutError)) renewal = setTimeout(scheduleRenewal, 10_000);
      });
    },
    Math.min(due, LONGEST_WAIT_MS),
  );
}

export const freshToken = () => tokenStore.get();
export const renewToken = () => tokenStore.renew();

export function startSession(tokens: Tokens, { hosted = false } = {}): void {
  writeLocal(HOSTED_KEY, hosted || null);
  tokenStore.save(tokens);
  postToTabs({ type: 'signed-in' });
}

/** Restores the session with the stored refresh token of an earlier visit. */
export async function resumeSession(): Promise<void> {
  try {
    await tokenStore.renew();
  } catch (error) {
    if (!(error instanceof SignedOutError)) useSession.setState({ state: 'unreachable' });
  }
}

export function signOut(): void {
  const token = readLocal<string | null>(REFRESH_KEY, null);
  const hosted = readLocal(HOSTED_KEY, false);
  writeLocal(REFRESH_KEY, null);
  writeLocal(HOSTED_KEY, null);
  // The tab is signed out even if the user pool does not answer.
  const revoked = token ? revoke(token).catch(() => undefined) : Promise.resolve();
  forgetLocal('colloquy.mine.');
  postToTabs({ type: 'signed-out' });
  endSession();
  if (hosted) void endHostedSession(revoked);
}

function endSession(): void {
  tokenStore.clear();
  useSession.setState({ expired: false });
}

onTabMessage((news) => {
  const { state } = useSession.getState();
  if (news.type === 'signed-out' && state === 'signed-in') endSession();
  if (news.type === 'signed-in' && state === 'signed-out') void resumeSession();
});
