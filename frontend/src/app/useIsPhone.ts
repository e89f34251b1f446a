import { useSyncExternalStore } from 'react';

const query = () => matchMedia('(max-width: 767px)');

function subscribe(change: () => void): () => void {
  const list = query();
  list.addEventListener('change', change);
  return () => list.removeEventListener('change', change);
}

/** Is the window as narrow as a phone's? */
export const useIsPhone = () => useSyncExternalStore(subscribe, () => query().matches);
