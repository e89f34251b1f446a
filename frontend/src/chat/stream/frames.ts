import type { Narrowing, ProblemDetails, Usage } from '@/api/types';
import type { SseEvent } from './sse';

interface Payloads {
  'turn.started': {
    turn_id: string;
    conversation_id: string;
    user_message_id: string;
    message_id: string;
    model: string;
    attempt: number;
  };
  'reasoning.delta': { text: string };
  'message.delta': { text: string };
  /** A piece of the input of tool call number `index`; the first piece has the tool's name. */
  'tool.delta': { index: number; name?: string; text: string };
  'tool.call': { call_id: string; name: string; input?: Record<string, unknown> };
  'tool.result': { call_id: string; status: string; output?: unknown; took_ms?: number };
  /** The model is asked again with less; no text came before. */
  'turn.narrowed': { level: Narrowing };
  'turn.resumed': { attempt: number };
  'turn.restarted': { attempt: number; reason?: string };
  'conversation.renamed': { title: string };
  usage: Usage;
  'turn.completed': { message_id: string; stop_reason: string };
  'turn.cancelled': { message_id: string | null };
  'turn.failed': ProblemDetails;
}

export type FrameName = keyof Payloads | 'unknown';

/** One frame of a turn. Frames with unknown names are kept, because their ids count. */
export type Frame =
  | { [K in keyof Payloads]: { id: string | null; name: K; data: Payloads[K] } }[keyof Payloads]
  | { id: string | null; name: 'unknown'; data: unknown };

const NAMES: ReadonlySet<string> = new Set<keyof Payloads>([
  'turn.started',
  'reasoning.delta',
  'message.delta',
  'tool.delta',
  'tool.call',
  'tool.result',
  'turn.narrowed',
  'turn.resumed',
  'turn.restarted',
  'conversation.renamed',
  'usage',
  'turn.completed',
  'turn.cancelled',
  'turn.failed',
]);

export function parseFrame(event: SseEvent): Frame {
  const data = JSON.parse(event.data) as unknown;
  const name = NAMES.has(event.event) ? event.event : 'unknown';
  return { id: event.id, name, data } as Frame;
}
