import type { ProblemDetails } from './types';

/** An answer of a service that was not what was asked for; status 0 when nobody answered. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly details: ProblemDetails,
    readonly retryAfter: number | null = null,
  ) {
    super(details.detail ?? details.title ?? `status ${status}`);
    this.name = 'Problem';
  }

  /** Nobody answered, or only the gateway in front of them: they may be back soon. */
  get isUnreachable(): boolean {
    return [0, 502, 503, 504].includes(this.status);
  }

  get slug(): string {
    return slugOf(this.details);
  }
}

/** `/problems/turn-in-progress` → `turn-in-progress` */
export function slugOf(details: ProblemDetails | null | undefined): string {
  return details?.type?.split('/').filter(Boolean).pop() ?? '';
}

export async function toProblem(response: Response): Promise<Problem> {
  let details: ProblemDetails = {};
  try {
    details = (await response.json()) as ProblemDetails;
  } catch {
    details = { title: response.statusText };
  }
  const seconds = Number(response.headers.get('Retry-After'));
  return new Problem(response.status, details, seconds > 0 ? seconds * 1000 : null);
}

export const unreachable = () => new Problem(0, { type: '/problems/network' });

export const isNotFound = (error: unknown) => error instanceof Problem && error.status === 404;
