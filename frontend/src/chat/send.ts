import { createConversation, postMessage, turnEvents } from '@/api/chat';
import { Problem } from '@/api/problem';
import {
  changeConversation,
  keys,
  moveConversationToTop,
  queryClient,
  upsertMessage,
} from '@/api/queries';
import type { Conversation, Message } from '@/api/types';
import { postToTabs } from '@/storage/tabs';
import { forgetBranchChoice } from './branchChoices';
import { addOutgoing, changeOutgoing, findOutgoing, type Outgoing, removeOutgoing } from './outbox';
import { callWithRetry } from './stream/retry';
import type { TurnView } from './stream/turn';
import { announceStart, runTurn, stopTurn } from './turns';

export interface SendRequest {
  conversationId: string | null;
  parentId: string | null;
  text: string;
  model: string | null;
  reasoning: boolean;
  tools: string[];
}

/** Called with the conversation's id when the first message of a new chat has created one. */
export type OnConversationCreated = (id: string) => void;

const stopRequests = new Set<string>();

export function sendMessage(request: SendRequest, onConversation: OnConversationCreated): void {
  if (request.conversationId) forgetBranchChoice(request.conversationId, request.parentId);
  void deliver(addOutgoing(request, Date.now()), onConversation);
}

export function retrySending(id: string, onConversation: OnConversationCreated): void {
  const item = findOutgoing(id);
  if (!item) return;
  changeOutgoing(id, { state: 'sending', error: null, waiting: null });
  void deliver(item, onConversation);
}

/** Stops a turn as soon as its id is known, because the stop button was pressed before. */
export const stopWhenStarted = (outgoingId: string) => stopRequests.add(outgoingId);

/** Sends a message with its unchanging keys, and follows its answer. */
export async function deliver(
  item: Outgoing,
  onConversation: OnConversationCreated,
): Promise<void> {
  try {
    const conversationId = item.conversationId ?? (await openConversation(item, onConversation));
    await runTurn({
      reasoning: item.reasoning,
      open: (view, signal) => {
        if (view) return turnEvents(view.turnId, view.lastId, signal);
        if (!findOutgoing(item.id)) throw withdrawn();
        return postMessage(conversationId, bodyOf(item), item.messageKey, signal);
      },
      onWaiting: (waiting) => changeOutgoing(item.id, { waiting }),
      onStarted: (view) => completeDelivery(item, view),
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    changeOutgoing(item.id, { state: 'failed', error: { ...error.details, status: error.status } });
  }
}

/** The person discarded the message while it waited. */
const withdrawn = () => new Problem(410, { type: '/problems/taken-back' });

const bodyOf = (item: Outgoing) => ({
  content: [{ type: 'text' as const, text: item.text }],
  parent_id: item.parentId,
  model: item.model,
  reasoning: item.reasoning,
  tools: item.tools,
});

async function openConversation(
  item: Outgoing,
  onConversation: OnConversationCreated,
): Promise<string> {
  const conversation = await callWithRetry(
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
  moveConversationToTop(conversation);
  changeOutgoing(item.id, { conversationId: id });
  postToTabs({ type: 'conversations-changed' });
  onConversation(id);
  return id;
}

function completeDelivery(item: Outgoing, view: TurnView): void {
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
  upsertMessage(view.conversationId, message);
  removeOutgoing(item.id);
  const before = queryClient.getQueryData<Conversation>(keys.conversation(view.conversationId));
  changeConversation(view.conversationId, {
    last_message_id: view.userMessageId,
    updated_at: now,
    model: item.model ?? before?.model ?? null,
  });
  if (before) moveConversationToTop({ ...before, updated_at: now });
  announceStart(view);
  // An error is ignored here: the stop button reports its own failures.
  if (stopRequests.delete(item.id)) stopTurn(view.turnId).catch(() => undefined);
}
