import { create } from 'zustand';
import { newKey } from '@/api/client';
import type { ProblemDetails } from '@/api/types';
import { onSignedOut } from '@/auth/session';
import { readLocal, writeLocal } from '@/storage/local';
import { userKey } from './drafts';

/** Younger messages are sent again without asking. The server keeps idempotency keys for 24 h. */
const RESEND_WITHIN_MS = 10 * 60_000;

/** A message that is not delivered yet. Its keys never change, so sending it again is safe. */
export interface Outgoing {
  id: string;
  conversationId: string | null;
  /** The message starts a new conversation. */
  fresh: boolean;
  conversationKey: string;
  messageKey: string;
  parentId: string | null;
  text: string;
  model: string | null;
  reasoning: boolean;
  /** Names of the tools that the answer may use. */
  tools: string[];
  /** The slug of the problem that delays delivery; set when the delay lasts. */
  waiting?: string | null;
  state: 'sending' | 'failed';
  error: ProblemDetails | null;
  createdAt: number;
}

interface Outbox {
  owner: string | null;
  items: Outgoing[];
}

export const useOutbox = create<Outbox>()(() => ({ owner: null, items: [] }));

useOutbox.subscribe(({ owner, items }) => {
  if (owner) writeLocal(userKey(owner, 'outbox'), items.length > 0 ? items : null);
});

/** Loads the messages that an earlier visit did not send. Returns those to send again at once. */
export function loadOutbox(owner: string, now: number): Outgoing[] {
  const kept = readLocal<Outgoing[]>(userKey(owner, 'outbox'), []);
  const recent = (item: Outgoing) =>
    item.state === 'sending' && now - item.createdAt < RESEND_WITHIN_MS;
  const items = kept
    .map((item) => ({ ...item, tools: item.tools ?? [], waiting: null }))
    .map((item) => (recent(item) ? item : { ...item, state: 'failed' as const }));
  useOutbox.setState({ owner, items });
  return items.filter(recent);
}

export function addOutgoing(
  message: Pick<Outgoing, 'conversationId' | 'parentId' | 'text' | 'model' | 'reasoning' | 'tools'>,
  now: number,
): Outgoing {
  const item: Outgoing = {
    ...message,
    fresh: message.conversationId === null,
    id: `local_${newKey()}`,
    conversationKey: newKey(),
    messageKey: newKey(),
    state: 'sending',
    error: null,
    createdAt: now,
  };
  useOutbox.setState(({ items }) => ({ items: [...items, item] }));
  return item;
}

export function changeOutgoing(id: string, change: Partial<Outgoing>): void {
  useOutbox.setState(({ items }) => ({
    items: items.map((item) => (item.id === id ? { ...item, ...change } : item)),
  }));
}

export function removeOutgoing(id: string): void {
  useOutbox.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }));
}

/** Whether the page of this conversation shows the message; null is the page of a new chat. */
export function belongsTo(item: Outgoing, conversationId: string | null): boolean {
  if (conversationId !== null) return item.conversationId === conversationId;
  // Until the address changes to the new conversation, its first message stays on the new chat's page.
  return item.conversationId === null || (item.fresh && item.state === 'sending');
}

export const findOutgoing = (id: string) =>
  useOutbox.getState().items.find((item) => item.id === id);

onSignedOut(() => useOutbox.setState({ owner: null, items: [] }));
