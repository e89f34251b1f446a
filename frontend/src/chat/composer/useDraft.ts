import { useCallback, useState } from 'react';
import { useSession } from '@/auth/session';
import { readDraft, writeDraft } from '../drafts';

/** The draft of one conversation or of the new chat; it survives a reload. */
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
