import { RefreshCw } from 'lucide-react';
import { lazy, memo, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '@/api/types';
import { CopyButton } from '@/ui/CopyButton';
import { classes } from '@/ui/classes';
import { IconButton } from '@/ui/IconButton';
import { explainEnding } from '../endings';
import { type AnswerEntry, answerText, hasWords } from '../entries';
import { waitingMessage } from '../problemMessages';
import { isPending, type Part } from '../stream/turn';
import { BranchSwitcher } from './BranchSwitcher';
import { EndingLine } from './EndingLine';
import { NarrowedNote } from './NarrowedNote';
import { Price, tokensOf } from './Price';
import { Reasoning, Thinking } from './Reasoning';
import { ToolCall } from './ToolCall';

const Markdown = lazy(() => import('@/markdown/Markdown'));

interface Props {
  answer: AnswerEntry;
  siblings: readonly string[];
  index: number;
  isLast: boolean;
  modelName: string | null;
  onChoose: (parentId: string | null, id: string) => void;
  onRegenerate: (userMessageId: string, model?: Model) => void;
  onNewChat: () => void;
  /** Opens the editor of the answered message; null if that message cannot be edited now. */
  onEdit: ((userMessageId: string) => void) | null;
}

export const Answer = memo(function Answer(props: Props) {
  const { answer, isLast } = props;
  const { t } = useTranslation();
  const running = answer.state === 'running';
  return (
    <article aria-label={t('chat.assistant')} aria-busy={running} className="hover-area pb-3">
      {answer.parts.map((part, index) => (
        <AnswerPart
          // biome-ignore lint/suspicious/noArrayIndexKey: parts are added and removed at the end only
          key={index}
          part={part}
          running={running}
          active={running && index === answer.parts.length - 1}
        />
      ))}
      {running && <AnswerStatus answer={answer} />}
      <NarrowedNote answer={answer} />
      <AnswerEnding {...props} />
      {!running && <AnswerFooter {...props} always={isLast} />}
    </article>
  );
});

/** Why the answer ended, if it did not simply end. */
function AnswerEnding({ answer, onRegenerate, onNewChat, onEdit }: Props) {
  const ending = explainEnding(answer);
  const { parentId } = answer;
  if (!ending || parentId === null) return null;
  return (
    <EndingLine
      ending={ending}
      model={answer.model}
      canEdit={onEdit !== null}
      onAction={(action) => {
        if (action === 'newChat') onNewChat();
        else if (action === 'edit') onEdit?.(parentId);
        else onRegenerate(parentId);
      }}
      onAnswerWith={(model) => onRegenerate(parentId, model)}
    />
  );
}

function AnswerPart({ part, running, active }: { part: Part; running: boolean; active: boolean }) {
  if (part.kind === 'reasoning') return <Reasoning part={part} active={active} />;
  if (part.kind === 'tool') return <ToolCall part={part} running={running} />;
  if (!hasWords(part.text)) return null;
  return (
    <Suspense fallback={<p className="prose whitespace-pre-wrap">{part.text}</p>}>
      <Markdown text={part.text} growing={active} />
    </Suspense>
  );
}

/** Shows that an answer has not begun yet, or that the connection is lost. */
function AnswerStatus({ answer }: { answer: AnswerEntry }) {
  const { t } = useTranslation();
  if (answer.trouble !== null) {
    return (
      <p role="status" className="enter-fade mt-3 text-xs text-faint">
        <span aria-hidden className="progress-line mb-2 block h-px" />
        {t(waitingMessage(answer.trouble))}
      </p>
    );
  }
  const last = answer.parts.findLast((part) => part.kind !== 'text' || hasWords(part.text));
  if (!last && answer.reasons) return <Thinking since={answer.startedAt} />;
  if (last && (last.kind !== 'tool' || isPending(last.state))) return null;
  return (
    <p className="flex h-7 items-center">
      <span aria-hidden className="pulsing size-2.5 rounded-full bg-accent" />
      <span className="sr-only">{t('chat.answering')}</span>
    </p>
  );
}

function AnswerFooter({
  answer,
  siblings,
  index,
  always,
  modelName,
  onChoose,
  onRegenerate: onAgain,
}: Props & { always: boolean }) {
  const { t } = useTranslation();
  const text = answerText(answer);
  const { parentId } = answer;
  return (
    <footer className="mt-2 flex flex-wrap items-center gap-x-2 gap-y-1">
      <span className={classes('-ms-2 inline-flex items-center', !always && 'appears-on-hover')}>
        {text && <CopyButton text={text} label={t('chat.copyAnswer')} />}
        {parentId && (
          <IconButton small label={t('chat.regenerate')} onClick={() => onAgain(parentId)}>
            <RefreshCw aria-hidden className="size-4" />
          </IconButton>
        )}
      </span>
      <BranchSwitcher index={index} siblings={siblings} onChoose={(id) => onChoose(parentId, id)} />
      <span className="flex-1" />
      {modelName && (
        <span
          className={classes('text-xs text-faint max-sm:hidden', !always && 'appears-on-hover')}
        >
          {modelName}
        </span>
      )}
      <span className="text-xs text-faint">
        {answer.state === 'cancelled' && t('chat.stopped')}
      </span>
      {answer.usage && tokensOf(answer.usage) > 0 && <Price usage={answer.usage} />}
    </footer>
  );
}
