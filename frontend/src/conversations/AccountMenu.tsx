import { ChartNoAxesColumn, ChevronsUpDown, Keyboard, LogOut, Settings } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useShell } from '@/app/shell/state';
import { signOut, useSession } from '@/auth/session';
import { Menu, MenuItem, MenuSeparator } from '@/ui/Menu';

export function AccountMenu() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const email = useSession((session) => session.user?.email ?? '');
  const open = useShell((shell) => shell.open);
  const icon = 'size-4 text-soft';
  return (
    <div className="border-t border-line p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
      <Menu
        side="top"
        wide
        trigger={
          <button
            type="button"
            className="touchable flex h-11 w-full items-center gap-3 rounded-medium px-3 text-sm transition-colors hover:bg-hover"
          >
            <span
              aria-hidden
              className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent uppercase"
            >
              {email.slice(0, 1)}
            </span>
            <span className="sr-only">{t('nav.account')}</span>
            <span className="min-w-0 flex-1 truncate text-start">{email}</span>
            <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-faint" />
          </button>
        }
      >
        <MenuItem
          icon={<Settings aria-hidden className={icon} />}
          onSelect={() => open('settings')}
        >
          {t('nav.settings')}
        </MenuItem>
        <MenuItem
          icon={<ChartNoAxesColumn aria-hidden className={icon} />}
          onSelect={() => void navigate('/usage')}
        >
          {t('nav.usage')}
        </MenuItem>
        <MenuItem icon={<Keyboard aria-hidden className={icon} />} onSelect={() => open('keys')}>
          {t('nav.keys')}
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={<LogOut aria-hidden className={icon} />} onSelect={signOut}>
          {t('auth.signOut')}
        </MenuItem>
      </Menu>
    </div>
  );
}
