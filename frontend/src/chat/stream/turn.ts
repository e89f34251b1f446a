import type { Narrowing, ProblemDetails, Usage } from '@/api/types';
import type { Frame } from './frames';

type Input = Record<string, unknown>;

/** Silence of a reasoning model before its first word counts as reasoning from this length on. */
const SHORTEST_SILENCE_MS = 2000;

export type Part = { kind: 'text'; text: string } | ReasoningPart | ToolPart;

/** The text is empty if the model does not show its reasoning. */
export interface ReasoningPart {
  kind: 'reasoning';
  text: string;
  startedAt: number | null;
  tookMs: number | null;
}

export interface ToolPart {
  kind: 'tool';
  callId: string;
  name: string;
  input: Input;
  /** While the state is `preparing`, the model still writes the input, and there is no `callId`. */
  state: 'preparing' | 'running' | 'done' | 'failed';
  /** The part of the input that is written so far; empty when it is complete. */
  written: string;
  output: unknown;
  startedAt: number | null;
  tookMs: number | null;
}

export type TurnState = 'running' | 'completed' | 'cancelled' | 'failed';

/** The state of a turn after the frames that the page has received. */
export interface TurnView {
  turnId: string;
  conversationId: string;
  userMessageId: string;
  messageId: string;
  model: string | null;
  attempt: number;
  /** When this page saw the turn start; null if it joined later. */
  startedAt: number | null;
  /** Reasoning was asked for, or the model always reasons. */
  reasons: boolean;
  narrowed: Narrowing | null;
  parts: Part[];
  state: TurnState;
  stopReason: string | null;
  usage: Usage | null;
  error: ProblemDetails | null;
  title: string | null;
  /** The position to send as `Last-Event-ID`. */
  lastId: string | null;
}

export type Outcome = 'applied' | 'duplicate' | 'gap';

const position = (id: string | null): number | null => {
  const digits = id?.match(/\d+$/)?.[0];
  return digits === undefined ? null : Number(digits);
};

function outcomeOf(view: TurnView | null, frame: Frame): Outcome {
  const here = position(frame.id);
  if (here === null) return 'applied';
  const last = position(view?.lastId ?? null);
  if (last === null) return view === null && frame.name !== 'turn.started' ? 'gap' : 'applied';
  if (here <= last) return 'duplicate';
  return here === last + 1 ? 'applied' : 'gap';
}

/**
 * The view after one more frame. A duplicate changes nothing. A frame after a gap is not applied, so that
 * the text never misses a part. `now` is null if the frame is replayed, so that its time is not known.
 */
export function acceptFrame(
  view: TurnView | null,
  frame: Frame,
  now: number | null,
  reasons: (modelId: string) => boolean = () => false,
): { view: TurnView | null; outcome: Outcome } {
  const outcome = outcomeOf(view, frame);
  if (outcome !== 'applied') return { view, outcome };
  const next = view ? applyFrame(view, frame, now) : startView(frame, now, reasons);
  return { view: next && frame.id ? { ...next, lastId: frame.id } : next, outcome };
}

function startView(
  frame: Frame,
  now: number | null,
  reasons: (modelId: string) => boolean,
): TurnView | null {
  if (frame.name !== 'turn.started') return null;
  const { data } = frame;
  return {
    turnId: data.turn_id,
    conversationId: data.conversation_id,
    userMessageId: data.user_message_id,
    messageId: data.message_id,
    model: data.model ?? null,
    attempt: data.attempt ?? 1,
    startedAt: now,
    reasons: reasons(data.model),
    narrowed: null,
    parts: [],
    state: 'running',
    stopReason: null,
    usage: null,
    error: null,
    title: null,
    lastId: null,
  };
}

function applyFrame(view: TurnView, frame: Frame, now: number | null): TurnView {
  switch (frame.name) {
    case 'message.delta':
      return { ...view, parts: addText(endReasoning(view, now), frame.data.text) };
    case 'reasoning.delta':
      return { ...view, parts: addReasoning(view, frame.data.text, now) };
    case 'tool.delta':
      return { ...view, parts: addToolDelta(endReasoning(view, now), frame.data) };
    case 'tool.call':
      return {
        ...view,
        parts: addToolCall(endReasoning(view, now), toolCallPart(frame.data, now)),
      };
    case 'tool.result':
      return { ...view, parts: view.parts.map((part) => withToolResult(part, frame.data)) };
    case 'turn.narrowed':
      return narrowView(view, frame.data.level);
    case 'turn.resumed':
      return { ...view, attempt: frame.data.attempt, parts: withoutPreparing(view.parts) };
    case 'turn.restarted':
      return {
        ...view,
        attempt: frame.data.attempt,
        parts: partsUntilLastTool(view.parts),
        usage: null,
      };
    case 'conversation.renamed':
      return { ...view, title: frame.data.title };
    case 'usage':
      return { ...view, usage: frame.data };
    case 'turn.completed':
      return endView(view, 'completed', now, { stopReason: frame.data.stop_reason });
    case 'turn.cancelled':
      return endView(view, 'cancelled', now, {});
    case 'turn.failed':
      return endView(view, 'failed', now, { error: frame.data });
    default:
      return view;
  }
}

/** The parts that a new attempt keeps: everything up to the last tool call. */
const partsUntilLastTool = (parts: Part[]) =>
  parts.slice(0, parts.findLastIndex((part) => part.kind === 'tool' && !isPreparing(part)) + 1);

const isPreparing = (part: Part) => part.kind === 'tool' && part.state === 'preparing';

/** Drops tool calls that an interrupted attempt was still preparing. */
const withoutPreparing = (parts: Part[]) => parts.filter((part) => !isPreparing(part));

/** All prepared tool calls belong to one model call, so `index` counts among them. */
function addToolDelta(parts: Part[], data: { index: number; name?: string; text: string }): Part[] {
  const part = parts.filter(isPreparing)[data.index];
  if (part?.kind !== 'tool') {
    return [
      ...parts,
      { ...newToolPart('', data.name ?? '', {}), state: 'preparing', written: data.text },
    ];
  }
  return parts.with(parts.indexOf(part), { ...part, written: part.written + data.text });
}

/** Adds a tool call in place of the first one that is being prepared. */
function addToolCall(parts: Part[], part: Part): Part[] {
  const place = parts.findIndex(isPreparing);
  return place < 0 ? [...parts, part] : parts.with(place, part);
}

function addText(parts: Part[], text: string): Part[] {
  const last = parts.at(-1);
  if (last?.kind !== 'text') return [...parts, { kind: 'text', text }];
  return [...parts.slice(0, -1), { ...last, text: last.text + text }];
}

/** Reasoning at the beginning of a turn began with the turn: models think before they show it. */
function addReasoning(view: TurnView, text: string, now: number | null): Part[] {
  const { parts } = view;
  const last = parts.at(-1);
  if (last?.kind !== 'reasoning') {
    const startedAt = parts.length === 0 && view.reasons ? view.startedAt : now;
    return [...parts, { kind: 'reasoning', text, startedAt, tookMs: null }];
  }
  return [...parts.slice(0, -1), { ...last, text: last.text + text }];
}

/** Ends the reasoning before something else comes. A long silence at the beginning was reasoning too. */
function endReasoning(view: TurnView, now: number | null): Part[] {
  const { parts, startedAt } = view;
  const last = parts.at(-1);
  if (!last && view.reasons && now !== null && startedAt !== null) {
    const tookMs = now - startedAt;
    if (tookMs < SHORTEST_SILENCE_MS) return parts;
    return [{ kind: 'reasoning', text: '', startedAt, tookMs }];
  }
  if (last?.kind !== 'reasoning' || last.tookMs !== null) return parts;
  if (now === null || last.startedAt === null) return parts;
  return [...parts.slice(0, -1), { ...last, tookMs: now - last.startedAt }];
}

/** Without the tools, thinking and results of `plain`, the model does not reason. */
const narrowView = (view: TurnView, level: Narrowing): TurnView => ({
  ...view,
  narrowed: level,
  reasons: view.reasons && level === 'shorter',
});

function toolCallPart(
  data: { call_id: string; name: string; input?: Input },
  now: number | null,
): Part {
  return { ...newToolPart(data.call_id, data.name, data.input ?? {}), startedAt: now };
}

/** A tool call without a result. */
export function newToolPart(callId: string, name: string, input: Input): ToolPart {
  return {
    kind: 'tool',
    callId,
    name,
    input,
    state: 'running',
    written: '',
    output: null,
    startedAt: null,
    tookMs: null,
  };
}

function withToolResult(
  part: Part,
  data: { call_id: string; status: string; output?: unknown; took_ms?: number },
): Part {
  if (part.kind !== 'tool' || part.callId !== data.call_id) return part;
  const state = isFailure(data.status) ? 'failed' : 'done';
  return { ...part, state, output: data.output ?? null, tookMs: data.took_ms ?? null };
}

/** The tool call is being prepared or runs. */
export const isPending = (state: ToolPart['state']) => state === 'preparing' || state === 'running';

export const isFailure = (status: string) => /fail|error/i.test(status);

function endView(
  view: TurnView,
  state: TurnState,
  now: number | null,
  rest: Partial<TurnView>,
): TurnView {
  const parts = view.parts.length > 0 ? withoutPreparing(endReasoning(view, now)) : [];
  return { ...view, ...rest, state, parts };
}
