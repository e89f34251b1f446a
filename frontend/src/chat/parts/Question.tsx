import { Pencil } from 'lucide-react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/ui/CopyButton';
import { IconButton } from '@/ui/IconButton';
import type { UserEntry } from '../entries';
import { BranchSwitcher } from './BranchSwitcher';
import { DeliveryStatus } from './DeliveryStatus';
import { EditQuestion } from './EditQuestion';

interface Props {
  question: UserEntry;
  siblings: readonly string[];
  index: number;
  canEdit: boolean;
  onChoose: (parentId: string | null, id: string) => void;
  onEdit: (parentId: string | null, text: string) => void;
  onRetry: (id: string) => void;
  onDiscard: (id: string, text: string) => void;
}

export const Question = memo(function Question(props: Props) {
  const { question, siblings, index, canEdit, onChoose, onEdit } = props;
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  if (editing) {
    const onDone = (text: string | null) => {
      setEditing(false);
      if (text) onEdit(question.parentId, text);
    };
    return <EditQuestion text={question.text} onDone={onDone} />;
  }
  return (
    <article aria-label={t('chat.you')} className="hover-area flex flex-col items-end pt-5">
      <div className="max-w-[85%] whitespace-pre-wrap rounded-bubble bg-bubble px-4 py-2.5 leading-relaxed [overflow-wrap:anywhere]">
        {question.text}
      </div>
      {question.delivery === 'sent' ? (
        <footer className="mt-0.5 flex h-8 items-center">
          <span className="appears-on-hover inline-flex">
            <CopyButton text={question.text} label={t('chat.copyMessage')} />
            {canEdit && (
              <IconButton small label={t('chat.edit')} onClick={() => setEditing(true)}>
                <Pencil aria-hidden className="size-4" />
              </IconButton>
            )}
          </span>
          <BranchSwitcher
            index={index}
            siblings={siblings}
            onChoose={(id) => onChoose(question.parentId, id)}
          />
        </footer>
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
