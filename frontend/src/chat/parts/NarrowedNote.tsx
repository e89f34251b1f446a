import { ListMinus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type AnswerEntry, answerText } from '../entries';

/** Says that the model did not get the whole conversation. A failed answer without words does not need it. */
export function NarrowedNote({ answer }: { answer: AnswerEntry }) {
  const { t } = useTranslation();
  const { narrowed, state } = answer;
  if (!narrowed || (state === 'failed' && !answerText(answer))) return null;
  return (
    <p className="enter-fade mt-3 flex gap-2 text-xs text-faint">
      <ListMinus aria-hidden className="size-4 shrink-0" />
      <span className="text-pretty">{t(`narrowed.${narrowed}`)}</span>
    </p>
  );
}
