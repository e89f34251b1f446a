import { CircleSlash, Pencil } from 'lucide-react';
import { memo, type RefObject, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { CopyButton } from '@/ui/CopyButton';
import { classes } from '@/ui/classes';
import { IconButton } from '@/ui/IconButton';
import type { Refusal } from '../endings';
import type { UserEntry } from '../entries';
import { BranchSwitcher } from './BranchSwitcher';
import { DeliveryStatus } from './DeliveryStatus';
import { EditQuestion } from './EditQuestion';

interface Props {
  question: UserEntry;
  siblings: readonly string[];
  index: number;
  canEdit: boolean;
  editing: boolean;
  /** Why this message is left out of later requests, or null. */
  refusal: Refusal | null;
  onChoose: (parentId: string | null, id: string) => void;
  /** Opens the editor of this message, or closes it with null. */
  onEditing: (id: string | null) => void;
  onEdit: (parentId: string | null, text: string) => void;
  onRetry: (id: string) => void;
  onDiscard: (id: string, text: string) => void;
}

export const Question = memo(function Question(props: Props) {
  const { question, editing, refusal, onEditing, onEdit } = props;
  const { t } = useTranslation();
  const editButton = useFocusAfterEditing(editing);
  if (editing) {
    const onDone = (text: string | null) => {
      onEditing(null);
      if (text) onEdit(question.parentId, text);
    };
    return <EditQuestion text={question.text} onDone={onDone} />;
  }
  return (
    <article aria-label={t('chat.you')} className="hover-area flex flex-col items-end pt-5">
      <div
        tabIndex={refusal === 'tooLong' ? 0 : undefined}
        className={classes(
          'max-w-[85%] whitespace-pre-wrap rounded-bubble px-4 py-2.5 leading-relaxed [overflow-wrap:anywhere]',
          refusal ? 'border border-line-strong border-dashed text-soft' : 'bg-bubble',
          refusal === 'tooLong' && 'max-h-64 overflow-y-auto',
        )}
      >
        {question.text}
      </div>
      {question.delivery === 'sent' ? (
        <QuestionFooter {...props} editButton={editButton} />
      ) : (
        <DeliveryStatus
          question={question}
          onRetry={() => props.onRetry(question.id)}
          onDiscard={() => props.onDiscard(question.id, question.text)}
        />
      )}
    </article>
  );
});

/** Gives the focus to the edit button when the editor closes, because the editor had it. */
function useFocusAfterEditing(editing: boolean) {
  const button = useRef<HTMLButtonElement>(null);
  const before = useRef(editing);
  useEffect(() => {
    if (before.current && !editing) button.current?.focus();
    before.current = editing;
  }, [editing]);
  return button;
}

interface FooterProps extends Props {
  editButton: RefObject<HTMLButtonElement | null>;
}

function QuestionFooter(props: FooterProps) {
  const { question, siblings, index, canEdit, refusal, onChoose, onEditing, editButton } = props;
  const { t } = useTranslation();
  const edit = () => onEditing(question.id);
  return (
    <footer className="mt-0.5 flex min-h-8 flex-wrap items-center justify-end gap-y-1">
      {refusal && (
        <span className="enter-fade me-2 inline-flex items-center gap-1.5 text-xs text-soft">
          <CircleSlash aria-hidden className="size-3.5 shrink-0" />
          {t(`refusal.${refusal}`)}
        </span>
      )}
      <span className="appears-on-hover inline-flex">
        <CopyButton text={question.text} label={t('chat.copyMessage')} />
        {canEdit && !refusal && (
          <IconButton ref={editButton} small label={t('chat.edit')} onClick={edit}>
            <Pencil aria-hidden className="size-4" />
          </IconButton>
        )}
      </span>
      <BranchSwitcher
        index={index}
        siblings={siblings}
        onChoose={(id) => onChoose(question.parentId, id)}
      />
      {canEdit && refusal && (
        <Button ref={editButton} className="h-7! px-2.5! text-xs!" onClick={edit}>
          {t('chat.edit')}
        </Button>
      )}
    </footer>
  );
}
