import { create } from 'zustand';
import { onSignedOut } from '@/auth/session';
import { type BranchChoices, ROOT } from './tree';

/** The branches that the reader chose, by conversation. */
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

/** Forgets the choice below a parent, so that the newest branch is shown. */
export function forgetBranchChoice(conversationId: string, parentId: string | null): void {
  useBranchChoices.setState(({ byConversation }) => {
    const { [parentId ?? ROOT]: _old, ...rest } = byConversation[conversationId] ?? {};
    return { byConversation: { ...byConversation, [conversationId]: rest } };
  });
}

onSignedOut(() => useBranchChoices.setState({ byConversation: {} }));
