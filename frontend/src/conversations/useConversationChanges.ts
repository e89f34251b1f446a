import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { deleteAllConversations, deleteConversation, renameConversation } from '@/api/chat';
import { isNotFound, Problem } from '@/api/problem';
import {
  changeConversation,
  keys,
  queryClient,
  refreshConversations,
  removeConversation,
} from '@/api/queries';
import type { Conversation } from '@/api/types';
import { stopFollowing } from '@/chat/stream/liveTurns';
import { postToTabs } from '@/storage/tabs';
import { toast } from '@/ui/Toasts';

/** Optimistic changes: shown at once, undone when the service refuses them. */
export function useConversationChanges() {
  const { t } = useTranslation();
  const navigate = useNavigate();

  const withUndo = async (work: () => Promise<unknown>, failed: string, undo: () => void) => {
    try {
      await work();
      postToTabs({ type: 'conversations-changed' });
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (isNotFound(error)) return true;
      undo();
      toast(failed);
      return false;
    }
  };

  const rename = (conversation: Conversation, title: string) => {
    const { id, title: before } = conversation;
    changeConversation(id, { title, title_source: 'owner' });
    return withUndo(
      () => renameConversation(id, title),
      t('nav.failedRename'),
      () => changeConversation(id, { title: before }),
    );
  };

  const remove = async ({ id }: Conversation) => {
    const wasHere = location.pathname === `/c/${id}`;
    removeConversation(id);
    stopFollowing(id);
    if (wasHere) await navigate('/');
    const done = await withUndo(
      () => deleteConversation(id),
      t('nav.failedDelete'),
      () => void refreshConversations(),
    );
    if (!done) return;
    queryClient.removeQueries({ queryKey: keys.conversation(id) });
    queryClient.removeQueries({ queryKey: keys.messages(id) });
    toast(t('nav.deleted'));
  };

  const removeAll = async () => {
    stopFollowing();
    await navigate('/');
    const done = await withUndo(deleteAllConversations, t('nav.failedDelete'), () => undefined);
    await refreshConversations();
    if (done) toast(t('nav.allDeleted'));
  };

  return { rename, remove, removeAll };
}
