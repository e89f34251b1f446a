import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { listMessages, readConversation } from '@/api/chat';
import { isNotFound } from '@/api/problem';
import { keys, queryClient, refreshMessages } from '@/api/queries';
import { onTabMessage } from '@/storage/tabs';
import { useBranchChoices } from './branchChoices';
import { type Entry, isInProgress, mergeEntries } from './entries';
import { belongsTo, useOutbox } from './outbox';
import { useLiveTurns } from './stream/liveTurns';
import { hasEarlierMessages, type Step, selectPath } from './tree';
import { joinTurn } from './turns';

const NO_CHOICES = {};

/** The stored conversation and its messages, read again when the tab gets the focus. */
function useStoredConversation(id: string | null) {
  const enabled = id !== null;
  const key = id ?? 'new';
  const conversation = useQuery({
    queryKey: keys.conversation(key),
    queryFn: ({ signal }) => readConversation(key, signal),
    enabled,
    refetchOnWindowFocus: 'always',
  });
  const messages = useInfiniteQuery({
    queryKey: keys.messages(key),
    queryFn: ({ pageParam, signal }) => listMessages(key, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled,
    refetchOnWindowFocus: 'always',
  });
  return { conversation, messages };
}

/** Follows the turns that run on the server, also those of other tabs. */
function useRunningTurns(id: string | null, running: readonly string[] | undefined) {
  useEffect(() => {
    if (id) for (const turnId of running ?? []) void joinTurn(id, turnId);
  }, [id, running]);

  useEffect(
    () =>
      onTabMessage((news) => {
        if (!('conversationId' in news) || news.conversationId !== id) return;
        if (news.type === 'turn-started')
          void refreshMessages(id).then(() => joinTurn(id, news.turnId));
        else void refreshMessages(id);
        void queryClient.invalidateQueries({ queryKey: keys.conversation(id) });
      }),
    [id],
  );
}

const blockingError = ({ data, error }: { data: unknown; error: Error | null }) =>
  data === undefined || isNotFound(error) ? error : null;

export function useConversation(id: string | null) {
  const { conversation, messages } = useStoredConversation(id);
  useRunningTurns(id, conversation.data?.running_turns);

  const stored = useMemo(
    () => messages.data?.pages.flatMap((page) => page.items) ?? [],
    [messages.data],
  );
  const turns = useLiveTurns(
    useShallow(({ turns }) => Object.values(turns).filter((turn) => turn.conversationId === id)),
  );
  const outgoing = useOutbox(
    useShallow(({ items }) => items.filter((item) => belongsTo(item, id))),
  );
  const choices = useBranchChoices(
    ({ byConversation }) => byConversation[id ?? 'new'] ?? NO_CHOICES,
  );
  const latest = conversation.data?.last_message_id ?? null;

  const path: Step<Entry>[] = useMemo(
    () => selectPath(mergeEntries(stored, turns, outgoing), choices, latest, isInProgress),
    [stored, turns, outgoing, choices, latest],
  );

  return {
    conversation,
    path,
    loading: id !== null && messages.isPending,
    // An error of a later read is not shown, because the earlier data is still there.
    error: blockingError(conversation) ?? blockingError(messages),
    running: (conversation.data?.running_turns.length ?? 0) > 0,
    retry: () => void Promise.all([conversation.refetch(), messages.refetch()]),
    earlier: {
      exist: hasEarlierMessages(path) && messages.hasNextPage,
      loading: messages.isFetchingNextPage,
      load: () => void messages.fetchNextPage(),
    },
  };
}
