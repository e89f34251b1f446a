import { slugOf } from '@/api/problem';
import type { en } from '@/i18n/en';
import { type AnswerEntry, answerText, hasWords } from './entries';
import { explainProblem, type ProblemAction, type ProblemMessage } from './problemMessages';

type StopMessage = keyof typeof en.ending;

/** How an ending looks: nothing is wrong, somebody declined, or something is damaged. */
export type Tone = 'calm' | 'declined' | 'failed';

/** How an answer ended, if it did not simply end: its sentences, its look and the one sensible action. */
export interface Ending {
  words: (`problem.${ProblemMessage}` | `ending.${StopMessage}`)[];
  /** The model's own word for the reason, if it is an unknown one. */
  reason?: string;
  tone: Tone;
  action: ProblemAction;
}

/** `tool_use` without a tool call is an answer too. */
const FINISHED = new Set(['end_turn', 'stop_sequence', 'tool_use']);

const STOPS: Record<string, [StopMessage, Tone, ProblemAction]> = {
  max_tokens: ['length', 'calm', 'again'],
  model_context_window_exceeded: ['window', 'calm', 'newChat'],
  content_filtered: ['filtered', 'declined', 'edit'],
  guardrail_intervened: ['guardrail', 'declined', 'edit'],
  refusal: ['refusal', 'declined', 'edit'],
  malformed_model_output: ['output', 'failed', 'retry'],
  malformed_tool_use: ['toolUse', 'failed', 'retry'],
};

const LONGEST_REASON = 60;

function explainStop(reason: string | null): Ending | null {
  if (reason === null || FINISHED.has(reason)) return null;
  const known = STOPS[reason];
  if (known) return { words: [`ending.${known[0]}`], tone: known[1], action: known[2] };
  const shown = reason.replaceAll('_', ' ').slice(0, LONGEST_REASON);
  return { words: ['ending.other'], reason: shown, tone: 'calm', action: 'again' };
}

/** There is no visible word. The stop reason says why, if it is an unusual one. */
function explainEmpty(reason: string | null): Ending {
  const stop = explainStop(reason);
  if (!stop) return { words: ['problem.emptyAnswer'], tone: 'failed', action: 'retry' };
  if (stop.tone !== 'calm') return stop;
  const action = stop.action === 'again' ? 'retry' : stop.action;
  return { ...stop, words: ['problem.emptyAnswer', ...stop.words], tone: 'failed', action };
}

export type Refusal = 'tooLong' | 'refused';

const REFUSALS: Record<string, Refusal> = {
  'context-too-long': 'tooLong',
  'model-refused-request': 'refused',
};

/**
 * Why the question of this answer is left out of later requests, or null. If the model had already said
 * something or called a tool, its own words may have been refused, not the question.
 */
export function refusalOf({ state, error, parts }: AnswerEntry): Refusal | null {
  const begun = parts.some(
    (part) => part.kind === 'tool' || (part.kind === 'text' && hasWords(part.text)),
  );
  return state === 'failed' && !begun ? (REFUSALS[slugOf(error)] ?? null) : null;
}

function explainFailure(answer: AnswerEntry): Ending {
  const { error, stopReason } = answer;
  if (slugOf(error) === 'empty-answer') return explainEmpty(stopReason);
  if (refusalOf(answer) === 'tooLong') {
    return { words: ['problem.messageTooLong'], tone: 'failed', action: 'chooseModel' };
  }
  const { words, action } = explainProblem(error);
  return { words: [`problem.${words}`], tone: 'failed', action };
}

/** What to say about the end of this answer, or null. */
export function explainEnding(answer: AnswerEntry): Ending | null {
  if (answer.state === 'failed') return explainFailure(answer);
  if (answer.state !== 'completed') return null;
  return hasWords(answerText(answer))
    ? explainStop(answer.stopReason)
    : explainEmpty(answer.stopReason);
}
