import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listConversations } from '@/api/chat';
import { keys } from '@/api/queries';
import { groupByDay } from './groups';

export function useConversations() {
  const query = useInfiniteQuery({
    queryKey: keys.conversations,
    queryFn: ({ pageParam, signal }) => listConversations(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchOnWindowFocus: true,
  });
  const conversations = useMemo(
    () => query.data?.pages.flatMap((page) => page.items) ?? [],
    [query.data],
  );
  const groups = useMemo(() => groupByDay(conversations, new Date()), [conversations]);
  return { ...query, conversations, groups };
}
