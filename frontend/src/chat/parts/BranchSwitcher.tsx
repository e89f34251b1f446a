import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/ui/IconButton';

interface Props {
  index: number;
  siblings: readonly string[];
  onChoose: (id: string) => void;
}

/** ‹ 2/3 ›: the versions of a message. */
export function BranchSwitcher({ index, siblings, onChoose }: Props) {
  const { t } = useTranslation();
  if (siblings.length < 2) return null;
  const previous = siblings[index - 1];
  const next = siblings[index + 1];
  return (
    <span className="inline-flex items-center text-xs text-soft tabular-nums">
      <IconButton
        small
        label={t('chat.previousBranch')}
        disabled={!previous}
        onClick={() => previous && onChoose(previous)}
      >
        <ChevronLeft aria-hidden className="size-4" />
      </IconButton>
      <span className="sr-only">
        {t('chat.branch', { current: index + 1, total: siblings.length })}
      </span>
      <span aria-hidden>
        {index + 1}/{siblings.length}
      </span>
      <IconButton
        small
        label={t('chat.nextBranch')}
        disabled={!next}
        onClick={() => next && onChoose(next)}
      >
        <ChevronRight aria-hidden className="size-4" />
      </IconButton>
    </span>
  );
}
