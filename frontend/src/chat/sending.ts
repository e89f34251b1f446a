import { createConversation, postMessage, turnEvents } from '@/api/chat';
import { Problem } from '@/api/problem';
import {
  changeConversation,
  keepMessage,
  keys,
  queryClient,
  raiseConversation,
} from '@/api/queries';
import type { Conversation, Message } from '@/api/types';
import { tellTabs } from '@/storage/tabs';
import { forgetChoice } from './choices';
import { changeOutgoing, findOutgoing, type Outgoing, post, takeOut } from './outbox';
import { insist } from './stream/patience';
import type { TurnView } from './stream/turn';
import { announceStart, runTurn, stopTurn } from './turns';

export interface Sending {
  conversationId: string | null;
  parentId: string | null;
  text: string;
  model: string | null;
  reasoning: boolean;
  tools: string[];
}

/** Called with the new conversation's id when the first message of a new chat made one. */
export type OnConversation = (id: string) => void;

const stopWanted = new Set<string>();

export function sendMessage(sending: Sending, onConversation: OnConversation): void {
  if (sending.conversationId) forgetChoice(sending.conversationId, sending.parentId);
  void deliver(post(sending, Date.now()), onConversation);
}

export function retrySending(id: string, onConversation: OnConversation): void {
  const item = findOutgoing(id);
  if (!item) return;
  changeOutgoing(id, { state: 'sending', error: null, waiting: null });
  void deliver(item, onConversation);
}

/** Stop, pressed before the service has said which turn it is. */
export const stopWhenStarted = (outgoingId: string) => stopWanted.add(outgoingId);

/** Sends a message with the keys it was given once, and follows its answer. */
export async function deliver(item: Outgoing, onConversation: OnConversation): Promise<void> {
  try {
    const conversationId = item.conversationId ?? (await openConversation(item, onConversation));
    await runTurn({
      open: (view, signal) => {
        if (view) return turnEvents(view.turnId, view.lastId, signal);
        if (!findOutgoing(item.id)) throw takenBack();
        return postMessage(conversationId, bodyOf(item), item.messageKey, signal);
      },
      onWaiting: (waiting) => changeOutgoing(item.id, { waiting }),
      onStarted: (view) => delivered(item, view),
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    changeOutgoing(item.id, { state: 'failed', error: { ...error.details, status: error.status } });
  }
}

/** The person did not want to wait. */
const takenBack = () => new Problem(410, { type: '/problems/taken-back' });

const bodyOf = (item: Outgoing) => ({
  content: [{ type: 'text' as const, text: item.text }],
  parent_id: item.parentId,
  model: item.model,
  reasoning: item.reasoning,
  tools: item.tools,
});

async function openConversation(item: Outgoing, onConversation: OnConversation): Promise<string> {
  const conversation = await insist(
    () => createConversation(item.conversationKey),
    (trouble) => changeOutgoing(item.id, { waiting: trouble?.slug ?? null }),
  );
  const { id } = conversation;
  queryClient.setQueryData<Conversation>(keys.conversation(id), {
    ...conversation,
    running_turns: [],
  });
  queryClient.setQueryData(keys.messages(id), {
    pages: [{ items: [], next_cursor: null }],
    pageParams: [null],
  });
  raiseConversation(conversation);
  changeOutgoing(item.id, { conversationId: id });
  tellTabs({ type: 'conversations-changed' });
  onConversation(id);
  return id;
}

function delivered(item: Outgoing, view: TurnView): void {
  const now = new Date().toISOString();
  const message: Message = {
    id: view.userMessageId,
    parent_id: item.parentId,
    role: 'user',
    content: [{ type: 'text', text: item.text }],
    status: 'complete',
    model: null,
    turn_id: null,
    stop_reason: null,
    usage: null,
    error: null,
    created_at: now,
  };
  keepMessage(view.conversationId, message);
  takeOut(item.id);
  const before = queryClient.getQueryData<Conversation>(keys.conversation(view.conversationId));
  changeConversation(view.conversationId, {
    last_message_id: view.userMessageId,
    updated_at: now,
    model: item.model ?? before?.model ?? null,
  });
  if (before) raiseConversation({ ...before, updated_at: now });
  announceStart(view);
  // Failing to stop is told where the stop button is; here nobody waits for it.
  if (stopWanted.delete(item.id)) stopTurn(view.turnId).catch(() => undefined);
}
