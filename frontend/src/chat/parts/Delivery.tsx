import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import type { UserEntry } from '../entries';
import { explainProblem } from '../problemWords';

interface Props {
  question: UserEntry;
  onRetry: () => void;
  onDiscard: () => void;
}

/** Where a message is on its way: sending, or not sent and what to do. */
export function Delivery({ question, onRetry, onDiscard }: Props) {
  const { t } = useTranslation();
  if (question.delivery === 'sending') {
    return <p className="mt-1 h-8 pe-1 text-xs leading-8 text-faint">{t('chat.sending')}</p>;
  }
  const { words } = explainProblem(question.error);
  return (
    <div role="alert" className="mt-2 flex flex-wrap items-center justify-end gap-2 text-sm">
      <p className="text-danger">
        {t('chat.notSent')}. {t(`problem.${words}`)}
      </p>
      <Button className="h-8! px-3!" onClick={onRetry}>
        {t('chat.retrySend')}
      </Button>
      <Button look="plain" className="h-8! px-3!" onClick={onDiscard}>
        {t('chat.discard')}
      </Button>
    </div>
  );
}
