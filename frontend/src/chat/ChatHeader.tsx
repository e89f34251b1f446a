import { PanelLeft, SquarePen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Conversation } from '@/api/types';
import { useShell } from '@/app/shell/state';
import { useIsPhone } from '@/app/useIsPhone';
import { TypedTitle } from '@/conversations/TypedTitle';
import { useSettings } from '@/settings/store';
import { IconButton } from '@/ui/IconButton';

export function ChatHeader({ conversation }: { conversation: Conversation | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const phone = useIsPhone();
  const { drawerOpen, setDrawerOpen } = useSettings();
  const hidden = phone || !drawerOpen;
  const open = () => (phone ? useShell.setState({ phoneDrawer: true }) : setDrawerOpen(true));
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 px-2">
      {hidden && (
        <IconButton label={t('nav.openDrawer')} keys="mod B" onClick={open}>
          <PanelLeft aria-hidden className="size-5" />
        </IconButton>
      )}
      {conversation ? (
        <h1 className="min-w-0 flex-1 truncate px-2 text-sm font-medium text-soft">
          <TypedTitle id={conversation.id} title={conversation.title || t('nav.untitled')} />
        </h1>
      ) : (
        <span className="flex-1" />
      )}
      {hidden && (
        <IconButton label={t('nav.newChat')} onClick={() => void navigate('/')}>
          <SquarePen aria-hidden className="size-5" />
        </IconButton>
      )}
    </header>
  );
}
