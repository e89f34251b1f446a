import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { type Dictionary, en } from './en';

export const LANGUAGES = { en: 'English', ko: '한국어' } as const;
export type Language = keyof typeof LANGUAGES;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

const LAZY_DICTIONARIES: Record<Exclude<Language, 'en'>, () => Promise<Dictionary>> = {
  ko: async () => (await import('./ko')).ko,
};

export function nearestLanguage(wanted: string | null | undefined): Language {
  const short = (wanted ?? '').toLowerCase().split('-')[0];
  return short === 'ko' ? 'ko' : 'en';
}

/** Loads the dictionary of a language if needed, then switches to it. */
export async function changeLanguage(language: Language): Promise<void> {
  if (language !== 'en' && !i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', await LAZY_DICTIONARIES[language]());
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function startLanguage(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
  await changeLanguage(language);
}
