import { CircleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ProblemDetails } from '@/api/types';
import { Button } from '@/ui/Button';
import { explainProblem, type ProblemAction } from '../problemMessages';

interface Props {
  error: ProblemDetails | null;
  onAction: (action: NonNullable<ProblemAction>) => void;
}

/** One sentence about the problem, and a button for the sensible action. */
export function ProblemLine({ error, onAction }: Props) {
  const { t } = useTranslation();
  const { words, action } = explainProblem(error);
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-medium bg-danger-soft py-2 ps-3 pe-2 text-sm"
    >
      <CircleAlert aria-hidden className="size-4 shrink-0 text-danger" />
      <p className="min-w-40 flex-1">{t(`problem.${words}`)}</p>
      {action && (
        <Button className="h-8! bg-page px-3!" onClick={() => onAction(action)}>
          {t(`problem.${action}`)}
        </Button>
      )}
    </div>
  );
}
