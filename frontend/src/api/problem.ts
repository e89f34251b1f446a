import type { ProblemDetails } from './types';

/** An error response of a service; status 0 when there was no response. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly details: ProblemDetails,
    readonly retryAfter: number | null = null,
  ) {
    super(details.detail ?? details.title ?? `status ${status}`);
    this.name = 'Problem';
  }

  /** There was no response, or only the gateway responded: the service may be back soon. */
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
