import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { changeLanguage, type Language, nearestLanguage } from '@/i18n';

export type Theme = 'system' | 'light' | 'dark';

interface Settings {
  theme: Theme;
  language: Language | null;
  defaultModel: string | null;
  drawerOpen: boolean;
  /** Answers may use tools, where the model can. */
  tools: boolean;
  setTheme: (theme: Theme) => void;
  setLanguage: (language: Language) => void;
  setDefaultModel: (model: string | null) => void;
  setDrawerOpen: (open: boolean) => void;
  setTools: (wanted: boolean) => void;
}

export const useSettings = create<Settings>()(
  persist(
    (set) => ({
      theme: 'system',
      language: null,
      defaultModel: null,
      drawerOpen: true,
      tools: false,
      setTheme: (theme) => set({ theme }),
      setLanguage: (language) => {
        set({ language });
        void changeLanguage(language);
      },
      setDefaultModel: (defaultModel) => set({ defaultModel }),
      setDrawerOpen: (drawerOpen) => set({ drawerOpen }),
      setTools: (tools) => set({ tools }),
    }),
    { name: 'colloquy.settings' },
  ),
);

export function currentLanguage(): Language {
  return useSettings.getState().language ?? nearestLanguage(navigator.language);
}

const darkSystem = () => matchMedia('(prefers-color-scheme: dark)');

export function applyTheme(): void {
  const { theme } = useSettings.getState();
  const dark = theme === 'dark' || (theme === 'system' && darkSystem().matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  const colour = getComputedStyle(document.documentElement).getPropertyValue('--page').trim();
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', colour);
}

/** Keeps the page in the chosen theme, also when the system or another tab changes it. */
export function watchTheme(): void {
  applyTheme();
  useSettings.subscribe(applyTheme);
  darkSystem().addEventListener('change', applyTheme);
  addEventListener('storage', (event) => {
    if (event.key === 'colloquy.settings') void useSettings.persist.rehydrate();
  });
}
