import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Problem } from '@/api/problem';
import { refreshMessages } from '@/api/queries';
import type { Model } from '@/api/types';
import { useSettings } from '@/settings/store';
import { toast } from '@/ui/Toasts';
import { chooseBranch } from './branchChoices';
import type { Entry } from './entries';
import { chooseModel, moveModelChoice, useTools } from './models';
import { explainProblem, waitingMessage } from './problemMessages';
import { retrySending, sendMessage, stopWhenStarted } from './send';
import type { Step } from './tree';
import { regenerateAnswer, stopTurn } from './turns';

/** The parent of the next message: the last answer. A question without an answer gets a sibling instead. */
export function parentOfNextMessage(path: readonly Step<Entry>[]): string | null {
  const last = path.at(-1)?.node;
  if (!last) return null;
  return last.role === 'assistant' ? last.id : last.parentId;
}

const NO_TOOLS: string[] = [];

/** The actions of one conversation: send, regenerate, stop, retry, show another branch. */
export function useConversationActions(
  id: string | null,
  path: readonly Step<Entry>[],
  model: Model | null,
) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [reasoning, setReasoning] = useState(false);
  const offered = useTools(model);
  const tools = useSettings((settings) => settings.tools) ? offered : NO_TOOLS;
  const modelId = model?.id ?? null;
  const last = path.at(-1)?.node;

  const onConversation = useCallback(
    (made: string) => {
      moveModelChoice('new', made);
      if (location.pathname === '/') void navigate(`/c/${made}`, { replace: true });
    },
    [navigate],
  );
  const reportProblem = useCallback(
    (error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      if (error.slug === 'turn-in-progress') toast(t('chat.busy'));
      else toast(t(`problem.${explainProblem(error.details).words}`));
      if (id) void refreshMessages(id);
    },
    [t, id],
  );
  const send = useCallback(
    (text: string, parentId: string | null) =>
      sendMessage(
        { conversationId: id, parentId, text, model: modelId, reasoning, tools },
        onConversation,
      ),
    [id, modelId, reasoning, tools, onConversation],
  );
  const regenerate = useCallback(
    (userMessageId: string, other?: Model) => {
      if (!id) return;
      if (other) chooseModel(id, other.id);
      const wanted = {
        model: other?.id ?? modelId,
        reasoning,
        tools: other?.capabilities.tools === false ? NO_TOOLS : tools,
      };
      const onWaiting = (slug: string | null) => slug && toast(t(waitingMessage(slug)));
      regenerateAnswer(id, userMessageId, wanted, onWaiting).catch(reportProblem);
    },
    [id, modelId, reasoning, tools, reportProblem, t],
  );
  const stop = useCallback(() => {
    if (last?.role === 'user') stopWhenStarted(last.id);
    else if (last?.turnId && !last.stopping) {
      stopTurn(last.turnId).catch(() => toast(t('chat.stopFailed')));
    }
  }, [last, t]);
  const retry = useCallback(
    (outgoing: string) => retrySending(outgoing, onConversation),
    [onConversation],
  );
  const showBranch = useCallback(
    (parentId: string | null, childId: string) => id && chooseBranch(id, parentId, childId),
    [id],
  );
  return {
    ask: send,
    again: regenerate,
    stop,
    retry,
    turnTo: showBranch,
    reasoning,
    setReasoning,
    onConversation,
  };
}
