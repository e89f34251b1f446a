import { cancelTurn, postTurn, turnEvents } from '@/api/chat';
import { newKey } from '@/api/client';
import { Problem } from '@/api/problem';
import {
  changeConversation,
  refreshConversations,
  refreshMessages,
  upsertMessage,
} from '@/api/queries';
import type { NewAnswer } from '@/api/types';
import { postToTabs } from '@/storage/tabs';
import { forgetBranchChoice } from './branchChoices';
import { toMessage } from './entries';
import { willReason } from './models';
import { rememberReasoningTimes } from './reasoningTimes';
import {
  changeLiveTurn,
  isFollowed,
  removeLiveTurn,
  type WatchOptions,
  watchTurn,
} from './stream/liveTurns';
import type { TurnView } from './stream/turn';

function applyTitle(view: TurnView, title: string): void {
  changeConversation(view.conversationId, { title, title_source: 'service' });
}

interface RunOptions extends Omit<WatchOptions, 'onTitle' | 'reasons'> {
  /** Whether reasoning was asked for, as far as this page knows. */
  reasoning?: boolean;
}

/** Follows a turn to its end, then adds its answer to the stored messages. */
export async function runTurn({ reasoning = false, ...options }: RunOptions): Promise<void> {
  const view = await watchTurn({
    ...options,
    onTitle: applyTitle,
    reasons: (modelId) => willReason(modelId, reasoning),
  });
  if (!view || view.state === 'running') return;
  const { conversationId, turnId, messageId } = view;
  rememberReasoningTimes(view);
  upsertMessage(conversationId, toMessage(view, new Date().toISOString()));
  changeConversation(conversationId, { last_message_id: messageId, running_turns: [] });
  removeLiveTurn(turnId);
  postToTabs({ type: 'turn-ended', conversationId, turnId });
  void refreshMessages(conversationId);
  void refreshConversations();
}

export function announceStart(view: TurnView): void {
  const { conversationId, turnId } = view;
  postToTabs({ type: 'turn-started', conversationId, turnId });
}

const follow = (view: TurnView | null, turnId: string, signal: AbortSignal) =>
  turnEvents(turnId, view?.lastId ?? null, signal);

/** Follows a turn that already runs, after a reload or from another tab. */
export async function joinTurn(conversationId: string, turnId: string): Promise<void> {
  if (isFollowed(turnId)) return;
  try {
    await runTurn({ turnId, open: (view, signal) => follow(view, turnId, signal) });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // The turn was deleted or its stream has expired, so show the stored message.
    removeLiveTurn(turnId);
    void refreshMessages(conversationId);
  }
}

/** Starts a turn for a stored user message (again). Throws if the service refuses it. */
export async function regenerateAnswer(
  conversationId: string,
  userMessageId: string,
  wanted: NewAnswer,
  onWaiting: (slug: string | null) => void,
): Promise<void> {
  const key = newKey();
  await runTurn({
    reasoning: wanted.reasoning,
    open: (view, signal) =>
      view
        ? follow(view, view.turnId, signal)
        : postTurn(conversationId, userMessageId, wanted, key, signal),
    onWaiting,
    onStarted: (view) => {
      forgetBranchChoice(conversationId, userMessageId);
      announceStart(view);
    },
  });
}

/** Asks the service to cancel the turn. The end arrives in the stream. */
export async function stopTurn(turnId: string): Promise<void> {
  changeLiveTurn(turnId, { stopping: true });
  try {
    await cancelTurn(turnId);
  } catch (error) {
    changeLiveTurn(turnId, { stopping: false });
    throw error;
  }
}
