import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import type { Conversation } from '@/api/types';
import { useLiveTurns } from '@/chat/stream/liveTurns';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { classes } from '@/ui/classes';
import { Menu, MenuItem } from '@/ui/Menu';
import { RenameField } from './RenameField';
import { TypedTitle } from './TypedTitle';
import { useConversationChanges } from './useConversationChanges';

export function ConversationItem({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { id } = conversation;
  const title = conversation.title || t('nav.untitled');
  const [renaming, setRenaming] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const { rename, remove } = useConversationChanges();
  const running = useLiveTurns(({ turns }) =>
    Object.values(turns).some((turn) => turn.conversationId === id && turn.state === 'running'),
  );
  if (renaming) {
    const onDone = (next: string | null) => {
      setRenaming(false);
      if (next && next !== conversation.title) void rename(conversation, next);
    };
    return (
      <li>
        <RenameField title={conversation.title ?? ''} onDone={onDone} />
      </li>
    );
  }
  return (
    <li className="hover-area group relative">
      <NavLink
        to={`/c/${id}`}
        onDoubleClick={() => setRenaming(true)}
        className={({ isActive }) =>
          classes(
            'touchable flex h-9 items-center rounded-medium px-3 text-sm group-focus-within:pe-9 group-hover:pe-9 pointer-coarse:pe-9 transition-colors hover:bg-hover',
            isActive ? 'bg-pressed text-text' : 'text-soft',
          )
        }
      >
        <span className="truncate">
          <TypedTitle id={id} title={title} />
        </span>
        {running && (
          <span className="pulsing ms-2 size-1.5 shrink-0 rounded-full bg-accent">
            <span className="sr-only">{t('nav.answering')}</span>
          </span>
        )}
      </NavLink>
      <Menu
        align="end"
        trigger={
          <button
            type="button"
            aria-label={t('nav.options', { title })}
            className="appears-on-hover absolute inset-y-0 end-0 flex w-9 items-center justify-center rounded-medium text-soft focus-visible:opacity-100 hover:text-text"
          >
            <Ellipsis aria-hidden className="size-4" />
          </button>
        }
        onCloseAutoFocus={(event) => renaming && event.preventDefault()}
      >
        <MenuItem
          icon={<Pencil aria-hidden className="size-4" />}
          onSelect={() => setRenaming(true)}
        >
          {t('nav.rename')}
        </MenuItem>
        <MenuItem
          danger
          icon={<Trash2 aria-hidden className="size-4" />}
          onSelect={() => setConfirming(true)}
        >
          {t('nav.delete')}
        </MenuItem>
      </Menu>
      <ConfirmDialog
        open={confirming}
        onOpenChange={setConfirming}
        title={t('nav.deleteTitle')}
        text={t('nav.deleteText', { title })}
        action={t('nav.deleteConfirm')}
        onConfirm={() => void remove(conversation)}
      />
    </li>
  );
}
