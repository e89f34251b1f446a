import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

const NEAR_END_PX = 56;

/**
 * Scrolls with a growing text while the reader is at its end, and does not scroll otherwise. `first` is
 * the id of the first item: when earlier items are added above it, the visible text does not move.
 */
export function useFollowScroll(place: string | null, first: string | undefined) {
  const view = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const height = useRef(0);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback((smooth = false) => {
    following.current = true;
    setAtEnd(true);
    const element = view.current;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    element?.scrollTo({
      top: element.scrollHeight,
      behavior: smooth && !calm ? 'smooth' : 'instant',
    });
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation is shown from its end
  useLayoutEffect(() => toEnd(), [place, toEnd]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when earlier items were added
  useLayoutEffect(() => {
    const element = view.current;
    if (!element) return;
    const grown = element.scrollHeight - height.current;
    if (!following.current && grown > 0) element.scrollTop += grown;
  }, [first]);

  useEffect(() => {
    const element = view.current;
    const inner = content.current;
    if (!element || !inner) return;
    let last = element.scrollTop;
    const onScroll = () => {
      const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
      const near = rest < NEAR_END_PX;
      // Only the reader can scroll up; new text never does.
      if (near) following.current = true;
      else if (element.scrollTop < last) following.current = false;
      last = element.scrollTop;
      setAtEnd(near || following.current);
    };
    const grown = new ResizeObserver(() => {
      if (following.current) element.scrollTop = element.scrollHeight;
      height.current = element.scrollHeight;
    });
    grown.observe(inner);
    grown.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      grown.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, []);

  return { view, content, atEnd, toEnd };
}
