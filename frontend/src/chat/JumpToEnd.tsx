import { ArrowDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';

export function JumpToEnd({ running, onJump }: { running: boolean; onJump: () => void }) {
  const { t } = useTranslation();
  return (
    <button
      type="button"
      onClick={onJump}
      className="touchable enter-rise absolute bottom-3 left-1/2 flex h-9 -translate-x-1/2 items-center gap-2 rounded-full border border-line bg-raised px-4 text-sm shadow-float transition-colors hover:bg-hover"
    >
      <ArrowDown aria-hidden className={running ? 'pulsing size-4 text-accent' : 'size-4'} />
      {t('chat.jump')}
    </button>
  );
}
