import { useTranslation } from 'react-i18next';
import { LANGUAGES, type Language } from '@/i18n';
import { useSettings } from '@/settings/store';

export function LanguageLinks() {
  const { i18n, t } = useTranslation();
  const setLanguage = useSettings((settings) => settings.setLanguage);
  return (
    <nav aria-label={t('settings.language')} className="flex justify-center gap-2 pb-6 text-sm">
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <button
          key={code}
          type="button"
          lang={code}
          aria-pressed={i18n.language === code}
          onClick={() => setLanguage(code as Language)}
          className="touchable rounded-small px-3 py-1 text-faint transition-colors hover:text-text aria-pressed:text-text aria-pressed:underline underline-offset-4"
        >
          {name}
        </button>
      ))}
    </nav>
  );
}
