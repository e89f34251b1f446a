/** The shapes of `http.md`, in one place until the generated clients of each service replace them. */

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface ProblemDetails {
  type?: string;
  title?: string;
  status?: number;
  detail?: string | null;
  instance?: string | null;
  errors?: { pointer: string; detail: string }[] | null;
  retryable?: boolean;
}

export interface Usage {
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  cost_nano_usd: number;
  basis?: string;
}

export interface Conversation {
  id: string;
  title: string | null;
  title_source?: string | null;
  model?: string | null;
  bot_id?: string | null;
  created_at: string;
  updated_at: string;
  last_message_id?: string | null;
  running_turns?: string[];
}

export type Block =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string; took_ms?: number | null }
  | { type: 'tool_call'; call_id: string; name: string; input?: unknown }
  | {
      type: 'tool_result';
      call_id: string;
      status: string;
      output?: unknown;
      took_ms?: number | null;
    };

export type MessageStatus = 'complete' | 'running' | 'failed' | 'cancelled';

export interface Message {
  id: string;
  parent_id: string | null;
  role: 'user' | 'assistant';
  content: Block[];
  model?: string | null;
  turn_id?: string | null;
  status: MessageStatus;
  stop_reason?: string | null;
  usage?: Usage | null;
  error?: ProblemDetails | null;
  created_at: string;
}

export interface Model {
  id: string;
  name: string;
  provider: string;
  capabilities: Record<string, unknown>;
  limits?: Record<string, unknown>;
  prices?: Record<string, unknown> | null;
  default?: boolean;
  notice?: string | null;
}

export interface Turn {
  id: string;
  conversation_id: string;
  user_message_id: string;
  message_id: string | null;
  state: string;
  model: string;
  attempt: number;
}

export interface TurnAccepted {
  turn_id: string;
  message_id: string;
}

export interface UsageRow {
  day: string;
  model: string;
  invocations?: number;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens?: number;
  cache_write_tokens?: number;
  cost_nano_usd: number;
}

export interface UsageReport {
  items: UsageRow[];
}
