import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { EarlierMessages } from './EarlierMessages';
import { type Refusal, refusalOf } from './endings';
import type { Entry } from './entries';
import { useModels } from './models';
import { removeOutgoing } from './outbox';
import { Answer } from './parts/Answer';
import { Question } from './parts/Question';
import type { Step } from './tree';
import type { useConversationActions } from './useConversationActions';

interface Props {
  path: readonly Step<Entry>[];
  /** An answer runs on the server; the page may not have received any of it yet. */
  expecting: boolean;
  earlier: { exist: boolean; loading: boolean; load: () => void };
  actions: ReturnType<typeof useConversationActions>;
  onSend: (text: string, parentId: string | null) => void;
  onNewChat: () => void;
  onDraft: (text: string) => void;
}

export function Thread({ path, expecting, earlier, actions, onSend, onNewChat, onDraft }: Props) {
  const { t } = useTranslation();
  const { models } = useModels();
  const nameOf = (id: string | null) => models.find((model) => model.id === id)?.name ?? id;
  const last = path.at(-1)?.node;
  const busy = last?.role === 'assistant' ? last.state === 'running' : last?.delivery === 'sending';
  const isNext = last?.role === 'user' && (last.delivery === 'sending' || expecting);
  const [edited, setEdited] = useState<string | null>(null);
  const discard = useCallback(
    (id: string, text: string) => {
      removeOutgoing(id);
      onDraft(text);
    },
    [onDraft],
  );
  const onEdit = useCallback(
    (parentId: string | null, text: string) => onSend(text, parentId),
    [onSend],
  );
  return (
    <>
      {earlier.exist && <EarlierMessages loading={earlier.loading} onLoad={earlier.load} />}
      {path.map(({ node, siblings, index }, place) =>
        node.role === 'user' ? (
          <Question
            key={node.id}
            question={node}
            siblings={siblings}
            index={index}
            canEdit={!busy}
            editing={node.id === edited}
            refusal={refusalAfter(path, place)}
            onChoose={actions.turnTo}
            onEditing={setEdited}
            onEdit={onEdit}
            onRetry={actions.retry}
            onDiscard={discard}
          />
        ) : (
          <Answer
            key={node.id}
            answer={node}
            siblings={siblings}
            index={index}
            isLast={node === last}
            modelName={nameOf(node.model)}
            onChoose={actions.turnTo}
            onRegenerate={actions.again}
            onNewChat={onNewChat}
            onEdit={!busy && isShown(path, node.parentId) ? setEdited : null}
          />
        ),
      )}
      {isNext && last.delivery !== 'failed' && (
        <p aria-hidden className="flex h-7 items-center">
          <span className="pulsing size-2.5 rounded-full bg-accent" />
        </p>
      )}
      {last?.role === 'user' && last.delivery === 'sent' && !expecting && (
        <div className="enter-fade flex flex-wrap items-center gap-3 py-2 text-sm text-soft">
          {t('chat.unanswered')}
          <Button className="h-8! px-3!" onClick={() => actions.again(last.id)}>
            {t('chat.answerNow')}
          </Button>
        </div>
      )}
    </>
  );
}

/** Why the message at this place was refused, by the answer that is shown. */
function refusalAfter(path: readonly Step<Entry>[], place: number): Refusal | null {
  const answer = path[place + 1]?.node;
  return answer?.role === 'assistant' ? refusalOf(answer) : null;
}

const isShown = (path: readonly Step<Entry>[], id: string | null) =>
  path.some(({ node }) => node.id === id);
