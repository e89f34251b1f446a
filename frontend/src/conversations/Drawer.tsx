import { PanelLeftClose, Search, SquarePen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { config } from '@/app/config';
import { useShell } from '@/app/shell/state';
import { useIsPhone } from '@/app/useIsPhone';
import { useSettings } from '@/settings/store';
import { IconButton } from '@/ui/IconButton';
import { Keys } from '@/ui/Keys';
import { Logo } from '@/ui/Logo';
import { AccountMenu } from './AccountMenu';
import { ConversationList } from './ConversationList';

const ROW =
  'touchable flex h-9 w-full items-center gap-3 rounded-medium px-3 text-sm transition-colors hover:bg-hover';

export function Drawer() {
  const { t } = useTranslation();
  const phone = useIsPhone();
  const { logo } = config();
  const setDrawerOpen = useSettings((settings) => settings.setDrawerOpen);
  const open = useShell((shell) => shell.open);
  const close = () => (phone ? useShell.setState({ phoneDrawer: false }) : setDrawerOpen(false));
  return (
    <nav aria-label={t('nav.label')} className="flex h-full flex-col">
      <div className="flex h-14 shrink-0 items-center gap-2.5 ps-5 pe-2">
        {logo ? <img src={logo} alt="" className="h-6" /> : <Logo className="size-6" />}
        <span className="flex-1 font-semibold tracking-tight">{t('app.name')}</span>
        <IconButton
          withoutTooltip={phone}
          label={t('nav.closeDrawer')}
          keys="mod B"
          onClick={close}
        >
          <PanelLeftClose aria-hidden className="size-5" />
        </IconButton>
      </div>
      <div className="px-2 pb-2">
        <Link to="/" className={ROW}>
          <SquarePen aria-hidden className="size-4 text-accent" />
          <span className="font-medium">{t('nav.newChat')}</span>
        </Link>
        <button type="button" onClick={() => open('palette')} className={`${ROW} group text-soft`}>
          <Search aria-hidden className="size-4" />
          <span className="flex-1 text-start">{t('nav.search')}</span>
          {!phone && (
            <span className="text-xs text-faint">
              <Keys keys="mod K" />
            </span>
          )}
        </button>
      </div>
      <ConversationList />
      <AccountMenu />
    </nav>
  );
}
