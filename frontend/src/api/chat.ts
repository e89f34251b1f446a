import { request, send } from './client';
import type {
  Conversation,
  ConversationPage,
  Message,
  ModelList,
  NewAnswer,
  NewMessage,
  Page,
} from './types';

const BASE = '/api/chat';
const EVENTS = 'text/event-stream';

const query = (values: Record<string, string | number | null | undefined>) => {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value != null) search.set(key, `${value}`);
  return search.size > 0 ? `?${search}` : '';
};

const conversationPath = (id: string) => `${BASE}/conversations/${encodeURIComponent(id)}`;

export const listModels = async (signal?: AbortSignal) =>
  (await request<ModelList>(`${BASE}/models`, { signal })).items;

export const listConversations = (cursor: string | null, signal?: AbortSignal) =>
  request<ConversationPage>(`${BASE}/conversations${query({ cursor, limit: 40 })}`, { signal });

export const readConversation = (id: string, signal?: AbortSignal) =>
  request<Conversation>(conversationPath(id), { signal });

export const createConversation = (idempotencyKey: string) =>
  request<Conversation>(`${BASE}/conversations`, { method: 'POST', body: {}, idempotencyKey });

export const renameConversation = (id: string, title: string) =>
  request<Conversation>(conversationPath(id), { method: 'PATCH', body: { title } });

export const deleteConversation = (id: string) =>
  request<void>(conversationPath(id), { method: 'DELETE' });

export const deleteAllConversations = () =>
  request<void>(`${BASE}/conversations`, { method: 'DELETE' });

export const listMessages = (id: string, cursor: string | null, signal?: AbortSignal) =>
  request<Page<Message>>(`${conversationPath(id)}/messages${query({ cursor, limit: 100 })}`, {
    signal,
  });

const omitEmptyTools = <T extends { tools: string[] }>({ tools, ...rest }: T) =>
  tools.length > 0 ? { ...rest, tools } : rest;

/** Starts a turn and returns its stream; the same key returns the same turn. A `parent_id` of null
 * means the root; a missing one does not. */
export const postMessage = (id: string, body: NewMessage, key: string, signal: AbortSignal) =>
  send(`${conversationPath(id)}/messages`, {
    method: 'POST',
    body: omitEmptyTools(body),
    idempotencyKey: key,
    accept: EVENTS,
    signal,
  });

export const postTurn = (
  conversationId: string,
  userMessageId: string,
  { model, reasoning, tools }: NewAnswer,
  key: string,
  signal: AbortSignal,
) =>
  send(`${conversationPath(conversationId)}/messages/${encodeURIComponent(userMessageId)}/turns`, {
    method: 'POST',
    body: omitEmptyTools({ model, reasoning, tools }),
    idempotencyKey: key,
    accept: EVENTS,
    signal,
  });

export const turnEvents = (id: string, lastEventId: string | null, signal: AbortSignal) =>
  send(`${BASE}/turns/${encodeURIComponent(id)}/events`, { accept: EVENTS, lastEventId, signal });

export const cancelTurn = (id: string) =>
  request<unknown>(`${BASE}/turns/${encodeURIComponent(id)}/cancel`, { method: 'POST' });
