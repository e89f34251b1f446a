import { slugOf } from '@/api/problem';
import type { ProblemDetails } from '@/api/types';
import type { en } from '@/i18n/en';

export type ProblemAction = 'retry' | 'again' | 'edit' | 'chooseModel' | 'newChat' | null;
export type ProblemMessage = Exclude<
  keyof typeof en.problem,
  NonNullable<ProblemAction> | 'reference'
>;

const KNOWN: Record<string, [ProblemMessage, ProblemAction]> = {
  network: ['network', 'retry'],
  'signed-out': ['signedOut', null],
  unauthenticated: ['signedOut', null],
  'model-throttled': ['throttled', 'retry'],
  'model-silent': ['timeout', 'retry'],
  'turn-timed-out': ['timeout', 'retry'],
  'request-timeout': ['network', 'retry'],
  'model-stream-broken': ['interrupted', 'retry'],
  'turn-abandoned': ['interrupted', 'retry'],
  'model-unavailable': ['unavailable', 'retry'],
  'service-unavailable': ['unavailable', 'retry'],
  'model-refused-request': ['refused', 'chooseModel'],
  'model-access-denied': ['modelDenied', 'chooseModel'],
  'model-not-allowed': ['modelDenied', 'chooseModel'],
  'model-not-found': ['modelDenied', 'chooseModel'],
  'context-too-long': ['contextTooLong', 'newChat'],
  'empty-answer': ['emptyAnswer', 'retry'],
  'payload-too-large': ['tooLarge', null],
  'rate-limited': ['rateLimited', 'retry'],
  'too-many-turns': ['tooManyTurns', 'retry'],
  'too-many-streams': ['tooManyStreams', 'retry'],
  'tool-not-found': ['tools', 'retry'],
  'tools-unavailable': ['tools', 'retry'],
  'model-without-tools': ['tools', 'chooseModel'],
  'budget-exceeded': ['budget', null],
};

/** One sentence about a problem, and the sensible action. */
export function explainProblem(details: ProblemDetails | null): {
  words: ProblemMessage;
  action: ProblemAction;
} {
  const known = KNOWN[slugOf(details)];
  if (known) return { words: known[0], action: known[1] };
  return { words: 'unknown', action: details?.retryable === false ? null : 'retry' };
}

/** The message while the page waits and then continues by itself. */
export function waitingMessage(slug: string) {
  if (slug === 'too-many-turns') return 'chat.waitingTurns' as const;
  if (slug === 'too-many-streams') return 'chat.waitingStreams' as const;
  return 'app.offline' as const;
}
