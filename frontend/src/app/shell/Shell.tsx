import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet, useLocation, useNavigate } from 'react-router';
import { refreshConversations } from '@/api/queries';
import { useSession } from '@/auth/session';
import { moveModelChoice } from '@/chat/models';
import { loadOutbox } from '@/chat/outbox';
import { deliver } from '@/chat/send';
import { Drawer } from '@/conversations/Drawer';
import { useSettings } from '@/settings/store';
import { onTabMessage } from '@/storage/tabs';
import { useIsPhone } from '../useIsPhone';
import { PhoneDrawer } from './PhoneDrawer';
import { useShell } from './state';
import { useShortcuts } from './useShortcuts';

const lazyModules = {
  palette: () => import('@/palette/Palette'),
  keys: () => import('@/palette/KeysDialog'),
  settings: () => import('@/settings/SettingsDialog'),
  markdown: () => import('@/markdown/Markdown'),
  usage: () => import('@/usage/UsagePage'),
};
const Palette = lazy(lazyModules.palette);
const KeysDialog = lazy(lazyModules.keys);
const SettingsDialog = lazy(lazyModules.settings);

/** Loads the lazy modules in the background. A failure is shown only when a module is used. */
function usePrefetch(): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const fetchIt of Object.values(lazyModules)) fetchIt().catch(() => undefined);
    }, 300);
    return () => clearTimeout(timer);
  }, []);
}

/** Sends messages again if a reload interrupted their sending. */
function useResendOutbox(owner: string): void {
  const navigate = useNavigate();
  useEffect(() => {
    const onConversation = (id: string) => {
      moveModelChoice('new', id);
      if (location.pathname === '/') void navigate(`/c/${id}`, { replace: true });
    };
    for (const item of loadOutbox(owner, Date.now())) void deliver(item, onConversation);
  }, [owner, navigate]);
}

export function Shell() {
  const { t } = useTranslation();
  const phone = useIsPhone();
  const owner = useSession((session) => session.user?.id ?? '');
  const drawerOpen = useSettings((settings) => settings.drawerOpen);
  const overlay = useShell((shell) => shell.overlay);
  const { pathname } = useLocation();
  useShortcuts();
  usePrefetch();
  useResendOutbox(owner);
  useEffect(
    () => onTabMessage((news) => news.type !== 'signed-out' && void refreshConversations()),
    [],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes the drawer after every navigation
  useEffect(() => useShell.setState({ phoneDrawer: false }), [pathname]);

  return (
    <div data-swipe-area className="flex h-dvh">
      <a
        href="#chat"
        className="sr-only z-50 rounded-medium bg-raised px-4 py-2 shadow-float focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t('app.skip')}
      </a>
      {phone ? (
        <PhoneDrawer />
      ) : (
        drawerOpen && (
          <aside className="w-(--drawer) shrink-0 border-e border-line bg-sunken">
            <Drawer />
          </aside>
        )
      )}
      <Outlet />
      <Suspense>
        {overlay === 'palette' && <Palette />}
        {overlay === 'keys' && <KeysDialog />}
        {overlay === 'settings' && <SettingsDialog />}
      </Suspense>
    </div>
  );
}
