import { create } from 'zustand';
import { onSignedOut } from '@/auth/session';
import { type Choices, ROOT } from './tree';

/** Which versions the reader turned to, by conversation. */
export const useChoices = create<{ byConversation: Record<string, Choices> }>()(() => ({
  byConversation: {},
}));

export function choose(conversationId: string, parentId: string | null, childId: string): void {
  useChoices.setState(({ byConversation }) => ({
    byConversation: {
      ...byConversation,
      [conversationId]: { ...byConversation[conversationId], [parentId ?? ROOT]: childId },
    },
  }));
}

/** Something new begins below this parent: it is what the reader wants to see. */
export function forgetChoice(conversationId: string, parentId: string | null): void {
  useChoices.setState(({ byConversation }) => {
    const { [parentId ?? ROOT]: _old, ...rest } = byConversation[conversationId] ?? {};
    return { byConversation: { ...byConversation, [conversationId]: rest } };
  });
}

onSignedOut(() => useChoices.setState({ byConversation: {} }));
