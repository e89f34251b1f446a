import type { components as Agents } from './generated/agents';
import type { components as Analytics } from './generated/analytics';
import type { components as Chat } from './generated/chat';

/** The services' generated types, under the names that the page uses. */
type ChatShapes = Chat['schemas'];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type Conversation = ChatShapes['ConversationView'];
export type ConversationPage = ChatShapes['ConversationPage'];
export type Model = ChatShapes['ModelView'];
export type ModelList = ChatShapes['ModelList'];
/** `tools`: names of the tools that the answer may use. */
/** The page sends no `effort` yet: the model's own default counts. */
export type NewMessage = Required<Omit<ChatShapes['NewMessage'], 'effort'>> & { tools: string[] };
export type NewAnswer = Omit<ChatShapes['NewAnswer'], 'effort'> & { tools: string[] };
export type ToolPage = Agents['schemas']['ToolPage'];
export type Usage = ChatShapes['TurnUsage'];
export type UsageReport = Analytics['schemas']['UsageView'];
export type UsageRow = UsageReport['days'][number];

/** Reasoning; its text may be empty. Its duration is known only if this page measured it. */
type Reasoning = Pick<ChatShapes['ReasoningBlock'], 'type' | 'text'> & { took_ms?: number | null };

/**
 * How the request that worked was narrower than the conversation: without older messages (`shorter`), with
 * the text only (`plain`), with the new message only (`alone`).
 */
export type Narrowing = 'shorter' | 'plain' | 'alone';

export type Block =
  | ChatShapes['TextBlock']
  | Reasoning
  | ChatShapes['ToolCallBlock']
  | (Omit<ChatShapes['ToolResultBlock'], 'took_ms'> & { took_ms: number | null });

export type Message = Omit<ChatShapes['MessageView'], 'content' | 'error' | 'narrowed'> & {
  content: Block[];
  error: ProblemDetails | null;
  narrowed?: Narrowing | null;
};

/** Problem details (RFC 9457), from a service, the gateway or the page itself. */
export type ProblemDetails = Partial<Omit<ChatShapes['ProblemDetails'], 'errors'>> & {
  retryable?: boolean;
};
