import { Monitor, Moon, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type Theme, useSettings } from './store';

const THEMES = [
  { value: 'system', icon: Monitor, words: 'settings.themeSystem' },
  { value: 'light', icon: Sun, words: 'settings.themeLight' },
  { value: 'dark', icon: Moon, words: 'settings.themeDark' },
] as const satisfies { value: Theme; icon: typeof Sun; words: string }[];

export function ThemeChoice() {
  const { t } = useTranslation();
  const { theme, setTheme } = useSettings();
  return (
    <fieldset className="flex rounded-medium bg-sunken p-1">
      <legend className="sr-only">{t('settings.theme')}</legend>
      {THEMES.map(({ value, icon: Icon, words }) => (
        <label
          key={value}
          className="flex h-8 cursor-pointer items-center gap-1.5 rounded-small px-3 text-sm text-soft transition-colors has-checked:bg-raised has-checked:text-text has-checked:shadow-[0_1px_3px_rgb(0_0_0/0.12)] has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name="theme"
            value={value}
            checked={theme === value}
            onChange={() => setTheme(value)}
            className="sr-only"
          />
          <Icon aria-hidden className="size-4" />
          {t(words)}
        </label>
      ))}
    </fieldset>
  );
}
