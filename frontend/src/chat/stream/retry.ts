import { Problem } from '@/api/problem';

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 10_000;
/** How often what nobody answers is sent again before the person is asked: for some 20 s. */
export const ATTEMPTS = 8;
/** How long a request waits by itself for room among the person's own answers and streams. */
const LIMIT_WAIT_MS = 10 * 60_000;
const JITTER = 0.2;

/** The person has as many answers or streams as one may have: a matter of waiting, not of repeating. */
export const isLimitReached = (slug: string) =>
  slug === 'too-many-turns' || slug === 'too-many-streams';

const isTransient = ({ status }: Problem) =>
  status === 0 || status === 408 || status === 429 || status >= 500;

/** How long one request is repeated without asking anybody. */
export class RetryPolicy {
  private failures = 0;
  private readonly startedAt: number;

  constructor(
    private readonly now: () => number,
    /** What has begun is never given up. */
    private endless = false,
  ) {
    this.startedAt = now();
  }

  /** It went on: the next trouble is a new one. */
  reset(): void {
    this.failures = 0;
    this.endless = true;
  }

  /** Milliseconds until the next attempt. Throws what is no matter of waiting. */
  delayAfter(trouble: unknown): number {
    if (!(trouble instanceof Problem) || !isTransient(trouble)) throw trouble;
    this.failures += 1;
    if (!this.endless && this.isExhausted(trouble)) throw trouble;
    const asked = trouble.retryAfter;
    return asked === null ? backoffMs(this.failures) : asked * (1 + Math.random() * JITTER);
  }

  private isExhausted(trouble: Problem): boolean {
    if (isLimitReached(trouble.slug)) return this.now() - this.startedAt > LIMIT_WAIT_MS;
    return this.failures >= ATTEMPTS;
  }
}

export function backoffMs(failures: number): number {
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

/** Calls until it is answered. Throws what cannot be repeated, or was repeated often enough. */
export async function callWithRetry<T>(
  call: () => Promise<T>,
  onTrouble: (trouble: Problem | null) => void,
): Promise<T> {
  const policy = new RetryPolicy(Date.now);
  for (;;) {
    try {
      const answer = await call();
      onTrouble(null);
      return answer;
    } catch (error) {
      const pause = policy.delayAfter(error);
      onTrouble(error as Problem);
      await waitForNetwork(pause);
    }
  }
}
