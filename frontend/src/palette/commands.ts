import type { Conversation } from '@/api/types';

export interface Command {
  id: string;
  group: 'actions' | 'conversations';
  label: string;
  run: () => void;
}

const normalize = (text: string) => text.normalize('NFKC').toLocaleLowerCase();

/** Every word of the query must be found, in any order. */
export function filterCommands(commands: readonly Command[], query: string): Command[] {
  const words = normalize(query).split(/\s+/).filter(Boolean);
  return commands.filter(({ label }) => words.every((word) => normalize(label).includes(word)));
}

export const conversationCommands = (
  conversations: readonly Conversation[],
  untitled: string,
  go: (path: string) => void,
): Command[] =>
  conversations.map(({ id, title }) => ({
    id,
    group: 'conversations',
    label: title || untitled,
    run: () => go(`/c/${id}`),
  }));
