import { cancelTurn, postTurn, turnEvents } from '@/api/chat';
import { newKey } from '@/api/client';
import { Problem } from '@/api/problem';
import {
  changeConversation,
  keepMessage,
  refreshConversations,
  refreshMessages,
} from '@/api/queries';
import type { NewAnswer } from '@/api/types';
import { tellTabs } from '@/storage/tabs';
import { forgetChoice } from './choices';
import { toMessage } from './entries';
import { changeLive, dropLive, isFollowed, type Watch, watchTurn } from './stream/live';
import type { TurnView } from './stream/turn';
import { rememberThoughts } from './thoughtTimes';

function renamed(view: TurnView, title: string): void {
  changeConversation(view.conversationId, { title, title_source: 'service' });
}

/** Follows a turn to its end, then puts its answer among the stored messages. */
export async function runTurn(watch: Omit<Watch, 'onTitle'>): Promise<void> {
  const view = await watchTurn({ ...watch, onTitle: renamed });
  if (!view || view.state === 'running') return;
  const { conversationId, turnId, messageId } = view;
  rememberThoughts(view);
  keepMessage(conversationId, toMessage(view, new Date().toISOString()));
  changeConversation(conversationId, { last_message_id: messageId, running_turns: [] });
  dropLive(turnId);
  tellTabs({ type: 'turn-ended', conversationId, turnId });
  void refreshMessages(conversationId);
  void refreshConversations();
}

export function announceStart(view: TurnView): void {
  const { conversationId, turnId } = view;
  tellTabs({ type: 'turn-started', conversationId, turnId });
}

const follow = (view: TurnView | null, turnId: string, signal: AbortSignal) =>
  turnEvents(turnId, view?.lastId ?? null, signal);

/** Joins a turn that runs already: after a reload, or started in another tab. */
export async function joinTurn(conversationId: string, turnId: string): Promise<void> {
  if (isFollowed(turnId)) return;
  try {
    await runTurn({ turnId, open: (view, signal) => follow(view, turnId, signal) });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // Gone or expired: the stored message is the truth then.
    dropLive(turnId);
    void refreshMessages(conversationId);
  }
}

/** Answers a stored user message (again). Throws when the service refuses to begin. */
export async function answerAgain(
  conversationId: string,
  userMessageId: string,
  wanted: NewAnswer,
  onWaiting: (slug: string | null) => void,
): Promise<void> {
  const key = newKey();
  await runTurn({
    open: (view, signal) =>
      view
        ? follow(view, view.turnId, signal)
        : postTurn(conversationId, userMessageId, wanted, key, signal),
    onWaiting,
    onStarted: (view) => {
      forgetChoice(conversationId, userMessageId);
      announceStart(view);
    },
  });
}

/** Asks the service to stop; the stream itself brings the end. */
export async function stopTurn(turnId: string): Promise<void> {
  changeLive(turnId, { stopping: true });
  try {
    await cancelTurn(turnId);
  } catch (error) {
    changeLive(turnId, { stopping: false });
    throw error;
  }
}
