import { CalendarRange, Code, Lightbulb, Mail } from 'lucide-react';
import { useTranslation } from 'react-i18next';

const STARTERS = [
  { name: 'explain', icon: Lightbulb },
  { name: 'draft', icon: Mail },
  { name: 'code', icon: Code },
  { name: 'plan', icon: CalendarRange },
] as const;

/** Four example questions. A click fills the composer and does not send. */
export function Starters({ onStart }: { onStart: (text: string) => void }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('chat.starters')} className="content-column enter-fade md:px-4 md:pt-2">
      <ul className="grid grid-cols-2 gap-2">
        {STARTERS.map(({ name, icon: Icon }) => (
          <li key={name}>
            <button
              type="button"
              onClick={() => onStart(t(`chat.starter.${name}.text`))}
              className="touchable flex h-full w-full items-center gap-2 rounded-medium border border-line px-3 py-2.5 text-start text-sm transition-colors hover:bg-hover"
            >
              <Icon aria-hidden className="size-4 shrink-0 text-accent" />
              <span className="min-w-0">
                <span className="block font-medium">{t(`chat.starter.${name}.title`)}</span>
                <span className="hidden truncate text-xs text-faint md:block">
                  {t(`chat.starter.${name}.text`)}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
