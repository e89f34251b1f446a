import { create } from 'zustand';
import { newKey } from '@/api/client';
import type { ProblemDetails } from '@/api/types';
import { onSignedOut } from '@/auth/session';
import { readLocal, writeLocal } from '@/storage/local';
import { userKey } from './drafts';

/** The server remembers a key for 24 h; a little less is a safe time to send again by ourselves. */
const RESEND_WITHIN_MS = 10 * 60_000;

/** A message on its way. Its keys stay the same however often it is sent: nothing doubles. */
export interface Outgoing {
  id: string;
  conversationId: string | null;
  /** It opens a conversation of its own. */
  fresh: boolean;
  conversationKey: string;
  messageKey: string;
  parentId: string | null;
  text: string;
  model: string | null;
  reasoning: boolean;
  /** Names of the tools that the answer may use. */
  tools: string[];
  /** What keeps it from being delivered, as a problem's slug; told once that has lasted. */
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

/** Takes up what an earlier visit could not send. Returns what should be sent again at once. */
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

/** Does this message stand on the page of that conversation, or of the new chat (null)? */
export function belongsTo(item: Outgoing, conversationId: string | null): boolean {
  if (conversationId !== null) return item.conversationId === conversationId;
  // Until the address has followed, a first message stays where it was written.
  return item.conversationId === null || (item.fresh && item.state === 'sending');
}

export const findOutgoing = (id: string) =>
  useOutbox.getState().items.find((item) => item.id === id);

onSignedOut(() => useOutbox.setState({ owner: null, items: [] }));
