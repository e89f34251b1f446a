import { type InfiniteData, QueryClient } from '@tanstack/react-query';
import { onSignedOut } from '@/auth/session';
import { Problem } from './problem';
import type { Conversation, Message, Page } from './types';

export const keys = {
  models: ['models'] as const,
  tools: ['tools'] as const,
  conversations: ['conversations'] as const,
  conversation: (id: string) => ['conversation', id] as const,
  messages: (id: string) => ['messages', id] as const,
  usage: (from: string, to: string) => ['usage', from, to] as const,
};

/** Retries failures of a restarting service, which last a few seconds. Other failures usually stay. */
const RETRIES_WHILE_UNREACHABLE = 6;
const RETRIES = 2;
const LONGEST_WAIT_MS = 4000;

function shouldRetry(failures: number, error: Error): boolean {
  if (!(error instanceof Problem)) return failures < RETRIES;
  if (error.isUnreachable) return failures < RETRIES_WHILE_UNREACHABLE;
  return failures < RETRIES && error.status >= 500;
}

const retryDelay = (failures: number) => Math.min(500 * 2 ** failures, LONGEST_WAIT_MS);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 15_000, retry: shouldRetry, retryDelay, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
});

onSignedOut(() => queryClient.clear());

type Pages<T> = InfiniteData<Page<T>, string | null>;

function changePages<T>(key: readonly unknown[], change: (pages: Page<T>[]) => Page<T>[]): void {
  queryClient.setQueryData<Pages<T>>(key, (data) => data && { ...data, pages: change(data.pages) });
}

const withItems = <T>(page: Page<T>, items: T[]): Page<T> => ({ ...page, items });

/** Moves a conversation to the top of the list, or adds it there. */
export function moveConversationToTop(conversation: Conversation): void {
  changePages<Conversation>(keys.conversations, (pages) =>
    pages.map((page, index) => {
      const others = page.items.filter((item) => item.id !== conversation.id);
      return withItems(page, index === 0 ? [conversation, ...others] : others);
    }),
  );
}

export function changeConversation(id: string, change: Partial<Conversation>): void {
  queryClient.setQueryData<Conversation>(
    keys.conversation(id),
    (before) => before && { ...before, ...change },
  );
  changePages<Conversation>(keys.conversations, (pages) =>
    pages.map((page) =>
      withItems(
        page,
        page.items.map((item) => (item.id === id ? { ...item, ...change } : item)),
      ),
    ),
  );
}

export function removeConversation(id: string): void {
  changePages<Conversation>(keys.conversations, (pages) =>
    pages.map((page) =>
      withItems(
        page,
        page.items.filter((item) => item.id !== id),
      ),
    ),
  );
}

/** Adds a message to the loaded messages, or replaces it there. */
export function upsertMessage(conversationId: string, message: Message): void {
  const key = keys.messages(conversationId);
  queryClient.setQueryData<Pages<Message>>(key, (data) => {
    const pages = data?.pages ?? [{ items: [], next_cursor: null }];
    const known = pages.some((page) => page.items.some((item) => item.id === message.id));
    const next = pages.map((page, index) => {
      if (!known) return index === 0 ? withItems(page, [message, ...page.items]) : page;
      return withItems(
        page,
        page.items.map((item) => (item.id === message.id ? message : item)),
      );
    });
    return { pages: next, pageParams: data?.pageParams ?? [null] };
  });
}

export const refreshMessages = (conversationId: string) =>
  queryClient.invalidateQueries({ queryKey: keys.messages(conversationId) });

export const refreshConversations = () =>
  queryClient.invalidateQueries({ queryKey: keys.conversations });
