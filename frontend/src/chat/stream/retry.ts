import { Problem } from '@/api/problem';

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 10_000;
/** Attempts before the page asks the person: about 20 s in all. */
export const ATTEMPTS = 8;
/** How long a request is repeated while the person is at a limit of running answers or streams. */
const LIMIT_WAIT_MS = 10 * 60_000;
const JITTER = 0.2;

/** The person is at the limit of running answers or open streams. */
export const isLimitReached = (slug: string) =>
  slug === 'too-many-turns' || slug === 'too-many-streams';

const isTransient = ({ status }: Problem) =>
  status === 0 || status === 408 || status === 429 || status >= 500;

/** Decides whether a failed request is repeated, and after which delay. */
export class RetryPolicy {
  private failures = 0;
  private readonly startedAt: number;

  constructor(
    private readonly now: () => number,
    /** Never give up, because the turn has started. */
    private endless = false,
  ) {
    this.startedAt = now();
  }

  /** Call it when the request made progress: failures count from zero, and it never gives up from now on. */
  reset(): void {
    this.failures = 0;
    this.endless = true;
  }

  /** Milliseconds until the next attempt. Throws `trouble` if the request must not be repeated. */
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

/** Waits, or until the browser is online again if that is sooner. */
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

/** Repeats a call until it succeeds. Throws an error that cannot be retried, or the last one. */
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
