import { useCallback, useState } from 'react';
import { useSession } from '@/auth/session';
import { readDraft, writeDraft } from '../drafts';

/** What is typed at one place; it is there again after a reload. */
export function useDraft(place: string) {
  const owner = useSession((session) => session.user?.id ?? '');
  const [state, setState] = useState(() => ({ place, text: readDraft(owner, place) }));
  let { text } = state;
  if (state.place !== place) {
    text = readDraft(owner, place);
    setState({ place, text });
  }
  const change = useCallback(
    (next: string) => {
      setState({ place, text: next });
      writeDraft(owner, place, next);
    },
    [owner, place],
  );
  return [text, change] as const;
}
