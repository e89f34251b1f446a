import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useShell } from '@/app/shell/state';
import { signOut } from '@/auth/session';
import { useConversations } from '@/conversations/useConversations';
import { useSettings } from '@/settings/store';
import { type Command, conversationCommands, filterCommands } from './commands';

/** The palette's entries for a query. With a query, conversations come first. */
export function useCommands(query: string): Command[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const open = useShell((shell) => shell.open);
  const setTheme = useSettings((settings) => settings.setTheme);
  const { conversations } = useConversations();
  const isDark = document.documentElement.dataset.theme === 'dark';
  const go = (path: string) => void navigate(path);
  const action = (id: string, label: string, run: () => void): Command => ({
    id,
    group: 'actions',
    label,
    run,
  });
  const actions = [
    action('new', t('palette.newChat'), () => go('/')),
    action('usage', t('palette.usage'), () => go('/usage')),
    action('settings', t('palette.settings'), () => open('settings')),
    action('keys', t('palette.keys'), () => open('keys')),
    action('theme', t(isDark ? 'palette.themeLight' : 'palette.themeDark'), () =>
      setTheme(isDark ? 'light' : 'dark'),
    ),
    action('sign-out', t('palette.signOut'), signOut),
  ];
  const found = conversationCommands(conversations, t('nav.untitled'), go);
  if (!query.trim()) return [...actions, ...found.slice(0, 6)];
  return [...filterCommands(found, query).slice(0, 12), ...filterCommands(actions, query)];
}
