import { create } from 'zustand';
import { onSignedOut } from '@/auth/session';
import { type BranchChoices, ROOT } from './tree';

/** Which versions the reader turned to, by conversation. */
export const useBranchChoices = create<{ byConversation: Record<string, BranchChoices> }>()(() => ({
  byConversation: {},
}));

export function chooseBranch(
  conversationId: string,
  parentId: string | null,
  childId: string,
): void {
  useBranchChoices.setState(({ byConversation }) => ({
    byConversation: {
      ...byConversation,
      [conversationId]: { ...byConversation[conversationId], [parentId ?? ROOT]: childId },
    },
  }));
}

/** Something new begins below this parent: it is what the reader wants to see. */
export function forgetBranchChoice(conversationId: string, parentId: string | null): void {
  useBranchChoices.setState(({ byConversation }) => {
    const { [parentId ?? ROOT]: _old, ...rest } = byConversation[conversationId] ?? {};
    return { byConversation: { ...byConversation, [conversationId]: rest } };
  });
}

onSignedOut(() => useBranchChoices.setState({ byConversation: {} }));
