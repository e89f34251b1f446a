import { request, send } from './client';
import type { Conversation, Message, Model, Page, Turn } from './types';

const BASE = '/api/chat';
const EVENTS = 'text/event-stream';

export interface NewMessage {
  content: { type: 'text'; text: string }[];
  parent_id: string | null;
  model: string | null;
  reasoning: boolean;
}

const query = (values: Record<string, string | number | null | undefined>) => {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value != null) search.set(key, `${value}`);
  return search.size > 0 ? `?${search}` : '';
};

const at = (id: string) => `${BASE}/conversations/${encodeURIComponent(id)}`;

/** A list of models comes as a page or, from older services, as a plain list. */
export async function listModels(signal?: AbortSignal): Promise<Model[]> {
  const answer = await request<Page<Model> | Model[]>(`${BASE}/models`, { signal });
  return Array.isArray(answer) ? answer : answer.items;
}

export const listConversations = (cursor: string | null, signal?: AbortSignal) =>
  request<Page<Conversation>>(`${BASE}/conversations${query({ cursor, limit: 40 })}`, { signal });

export const readConversation = (id: string, signal?: AbortSignal) =>
  request<Conversation>(at(id), { signal });

export const createConversation = (idempotencyKey: string) =>
  request<Conversation>(`${BASE}/conversations`, { method: 'POST', body: {}, idempotencyKey });

export const renameConversation = (id: string, title: string) =>
  request<Conversation>(at(id), { method: 'PATCH', body: { title } });

export const deleteConversation = (id: string) => request<void>(at(id), { method: 'DELETE' });

export const deleteAllConversations = () =>
  request<void>(`${BASE}/conversations`, { method: 'DELETE' });

export const listMessages = (id: string, cursor: string | null, signal?: AbortSignal) =>
  request<Page<Message>>(`${at(id)}/messages${query({ cursor, limit: 100 })}`, { signal });

/** Starts a turn and answers with its stream; the same key gives the same turn again. */
export const postMessage = (id: string, body: NewMessage, key: string, signal: AbortSignal) =>
  send(`${at(id)}/messages`, {
    method: 'POST',
    // `parent_id: null` is said aloud: it means the root, not "wherever the conversation ended".
    body: { ...withoutNulls(body), parent_id: body.parent_id },
    idempotencyKey: key,
    accept: EVENTS,
    signal,
  });

export const postTurn = (
  conversationId: string,
  userMessageId: string,
  model: string | null,
  key: string,
  signal: AbortSignal,
) =>
  send(`${at(conversationId)}/messages/${encodeURIComponent(userMessageId)}/turns`, {
    method: 'POST',
    body: withoutNulls({ model }),
    idempotencyKey: key,
    accept: EVENTS,
    signal,
  });

export const readTurn = (id: string) => request<Turn>(`${BASE}/turns/${encodeURIComponent(id)}`);

export const turnEvents = (id: string, lastEventId: string | null, signal: AbortSignal) =>
  send(`${BASE}/turns/${encodeURIComponent(id)}/events`, { accept: EVENTS, lastEventId, signal });

export const cancelTurn = (id: string) =>
  request<unknown>(`${BASE}/turns/${encodeURIComponent(id)}/cancel`, { method: 'POST' });

const withoutNulls = (body: object) =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
