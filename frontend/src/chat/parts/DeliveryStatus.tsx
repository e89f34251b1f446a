import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import type { UserEntry } from '../entries';
import { explainProblem, waitingMessage } from '../problemMessages';
import { isLimitReached } from '../stream/retry';

interface Props {
  question: UserEntry;
  onRetry: () => void;
  onDiscard: () => void;
}

/** The state of an undelivered message: being sent, or failed with buttons to retry or discard. */
export function DeliveryStatus({ question, onRetry, onDiscard }: Props) {
  const { t } = useTranslation();
  if (question.delivery === 'sending') {
    return <Sending waiting={question.waiting} onDiscard={onDiscard} />;
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

/** Says why sending takes long. At a limit nothing has started yet, so the message can be discarded. */
function Sending({ waiting, onDiscard }: { waiting: string | null; onDiscard: () => void }) {
  const { t } = useTranslation();
  if (!waiting) {
    return <p className="mt-1 h-8 pe-1 text-xs leading-8 text-faint">{t('chat.sending')}</p>;
  }
  return (
    <div
      role="status"
      className="enter-fade mt-1 flex min-h-8 flex-wrap items-center justify-end gap-x-2 pe-1 text-xs text-soft"
    >
      <p className="text-end text-balance">{t(waitingMessage(waiting))}</p>
      {isLimitReached(waiting) && (
        <Button look="plain" className="h-8! px-3! text-xs!" onClick={onDiscard}>
          {t('chat.discard')}
        </Button>
      )}
    </div>
  );
}
