import type { Block, Message, Narrowing, ProblemDetails, Usage } from '@/api/types';
import type { Outgoing } from './outbox';
import { withReasoningTimes } from './reasoningTimes';
import type { LiveTurn } from './stream/liveTurns';
import { isFailure, newToolPart, type Part, type TurnView } from './stream/turn';

interface Common {
  id: string;
  parentId: string | null;
  createdAt: string | null;
}

export interface UserEntry extends Common {
  role: 'user';
  text: string;
  delivery: 'sent' | 'sending' | 'failed';
  error: ProblemDetails | null;
  /** The slug of the problem that delays delivery. */
  waiting: string | null;
}

export interface AnswerEntry extends Common {
  role: 'assistant';
  turnId: string | null;
  parts: Part[];
  state: 'running' | 'completed' | 'cancelled' | 'failed';
  model: string | null;
  usage: Usage | null;
  stopReason: string | null;
  error: ProblemDetails | null;
  narrowed: Narrowing | null;
  /** While it runs: when it started, and whether the model reasons before it answers. */
  startedAt: number | null;
  reasons: boolean;
  /** The slug of the problem that interrupts the stream. */
  trouble: string | null;
  stopping: boolean;
}

/** One message as the page shows it, wherever it comes from. */
export type Entry = UserEntry | AnswerEntry;

export const textOf = (content: readonly Block[]) =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('');

export function partsOf(content: readonly Block[]): Part[] {
  const parts: Part[] = [];
  for (const block of content) {
    if (block.type === 'text') parts.push({ kind: 'text', text: block.text });
    if (block.type === 'reasoning') addReasoning(parts, block.text ?? '', block.took_ms ?? null);
    if (block.type === 'tool_call') {
      parts.push(newToolPart(block.call_id, block.name, block.input));
    }
    if (block.type === 'tool_result') {
      const call = parts.find((part) => part.kind === 'tool' && part.callId === block.call_id);
      if (call?.kind !== 'tool') continue;
      call.state = isFailure(block.status) ? 'failed' : 'done';
      call.output = block.output ?? null;
      call.tookMs = block.took_ms ?? null;
    }
  }
  return parts;
}

/** Adjacent blocks of reasoning are one part, as they are in the stream. */
function addReasoning(parts: Part[], text: string, tookMs: number | null): void {
  const last = parts.at(-1);
  if (last?.kind !== 'reasoning') {
    parts.push({ kind: 'reasoning', text, startedAt: null, tookMs });
    return;
  }
  last.text = [last.text, text].filter((each) => each.trim()).join('\n\n');
  if (tookMs !== null) last.tookMs = (last.tookMs ?? 0) + tookMs;
}

const STATES = {
  complete: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;

export function fromMessage(message: Message): Entry {
  const common = { id: message.id, parentId: message.parent_id, createdAt: message.created_at };
  if (message.role === 'user') {
    return {
      ...common,
      role: 'user',
      text: textOf(message.content),
      delivery: 'sent',
      error: null,
      waiting: null,
    };
  }
  return {
    ...common,
    role: 'assistant',
    turnId: message.turn_id ?? null,
    parts: withReasoningTimes(message.id, partsOf(message.content)),
    state: STATES[message.status],
    model: message.model ?? null,
    usage: message.usage ?? null,
    stopReason: message.stop_reason ?? null,
    error: message.error ?? null,
    narrowed: message.narrowed ?? null,
    startedAt: null,
    reasons: false,
    trouble: null,
    stopping: false,
  };
}

export function fromLive(turn: LiveTurn): AnswerEntry {
  const { turnId, parts, state, model, usage, stopReason, error, narrowed } = turn;
  const { startedAt, reasons, trouble, stopping } = turn;
  return {
    id: turn.messageId,
    parentId: turn.userMessageId,
    createdAt: null,
    role: 'assistant',
    turnId,
    parts,
    state,
    model,
    usage,
    stopReason,
    error,
    narrowed,
    startedAt,
    reasons,
    trouble,
    stopping,
  };
}

export function fromOutgoing(item: Outgoing): UserEntry {
  return {
    id: item.id,
    parentId: item.parentId,
    createdAt: new Date(item.createdAt).toISOString(),
    role: 'user',
    text: item.text,
    delivery: item.state,
    error: item.error,
    waiting: item.waiting ?? null,
  };
}

/** A turn that this page stops following while it runs counts as cancelled. */
const ENDINGS = {
  completed: 'complete',
  failed: 'failed',
  cancelled: 'cancelled',
  running: 'cancelled',
} as const;

/** The message that the server has stored for a turn that has just ended; shown until it is read. */
export function toMessage(view: TurnView, now: string): Message {
  const content: Block[] = view.parts.flatMap((part): Block[] => {
    if (part.kind === 'text') return [{ type: 'text', text: part.text }];
    if (part.kind === 'reasoning') {
      return [{ type: 'reasoning', text: part.text, took_ms: part.tookMs }];
    }
    if (part.state === 'preparing') return [];
    const { callId: call_id, name, input } = part;
    const call: Block = { type: 'tool_call', call_id, name, input };
    if (part.state === 'running') return [call];
    const status = part.state === 'failed' ? 'error' : 'success';
    return [
      call,
      { type: 'tool_result', call_id, status, output: part.output, took_ms: part.tookMs },
    ];
  });
  return {
    id: view.messageId,
    parent_id: view.userMessageId,
    role: 'assistant',
    content,
    model: view.model,
    turn_id: view.turnId,
    status: ENDINGS[view.state],
    stop_reason: view.stopReason,
    usage: view.usage,
    error: view.error,
    narrowed: view.narrowed,
    created_at: now,
  };
}

/** Stored messages, running answers and undelivered messages as one list, oldest first. */
export function mergeEntries(
  messages: readonly Message[],
  turns: readonly LiveTurn[],
  outgoing: readonly Outgoing[],
): Entry[] {
  const live = new Map(turns.map((turn) => [turn.messageId, turn]));
  const stored = messages
    .filter((message) => !live.has(message.id))
    .toSorted((a, b) => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id))
    .map(fromMessage);
  return [...stored, ...turns.map(fromLive), ...outgoing.map(fromOutgoing)];
}

export const isInProgress = (entry: Entry) =>
  entry.role === 'user' ? entry.delivery !== 'sent' : entry.state === 'running';

/** The model thinks now, whether it shows that or not. */
export function isThinking({ state, parts, reasons }: AnswerEntry): boolean {
  if (state !== 'running') return false;
  const last = parts.at(-1);
  return last ? last.kind === 'reasoning' : reasons;
}

/** A letter, digit, sign or picture; not only spaces, line breaks and invisible characters. */
export const hasWords = (text: string) => /[^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]/u.test(text);

export const answerText = (entry: AnswerEntry) =>
  entry.parts
    .map((part) => (part.kind === 'text' ? part.text : ''))
    .join('')
    .trim();
