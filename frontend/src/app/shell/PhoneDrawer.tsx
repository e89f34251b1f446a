import * as Radix from '@radix-ui/react-dialog';
import { type TouchEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Drawer } from '@/conversations/Drawer';
import { OVERLAY } from '@/ui/Dialog';
import { useShell } from './state';

const SHORTEST_SWIPE_PX = 64;

const scrollsSideways = (target: EventTarget | null) =>
  target instanceof Element &&
  target.closest('pre, .table-scroll, .katex-display, textarea, input') !== null;

/** Calls `open` on a swipe to the right, unless the element under the finger scrolls sideways. */
function useSwipeToOpen(open: () => void): void {
  useEffect(() => {
    let start: Touch | undefined;
    const onStart = (event: globalThis.TouchEvent) => {
      start = scrollsSideways(event.target) ? undefined : event.touches[0];
    };
    const onEnd = (event: globalThis.TouchEvent) => {
      const end = event.changedTouches[0];
      if (!start || !end) return;
      const right = end.clientX - start.clientX;
      if (right > SHORTEST_SWIPE_PX && right > 2 * Math.abs(end.clientY - start.clientY)) open();
    };
    addEventListener('touchstart', onStart, { passive: true });
    addEventListener('touchend', onEnd, { passive: true });
    return () => {
      removeEventListener('touchstart', onStart);
      removeEventListener('touchend', onEnd);
    };
  }, [open]);
}

const setOpen = (phoneDrawer: boolean) => useShell.setState({ phoneDrawer });
const openDrawer = () => setOpen(true);

export function PhoneDrawer() {
  const { t } = useTranslation();
  const open = useShell((shell) => shell.phoneDrawer);
  const start = useRef(0);
  const [drag, setDrag] = useState(0);
  useSwipeToOpen(openDrawer);
  const onMove = (event: TouchEvent) =>
    setDrag(Math.min(0, (event.touches[0]?.clientX ?? 0) - start.current));
  const onEnd = () => {
    if (drag < -SHORTEST_SWIPE_PX) setOpen(false);
    setDrag(0);
  };
  return (
    <Radix.Root open={open} onOpenChange={setOpen}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          data-swipe-area
          aria-describedby={undefined}
          onTouchStart={(event) => {
            start.current = event.touches[0]?.clientX ?? 0;
          }}
          onTouchMove={onMove}
          onTouchEnd={onEnd}
          style={drag < 0 ? { transform: `translateX(${drag}px)` } : undefined}
          className="enter-slide fixed inset-y-0 left-0 z-50 w-[min(20rem,86vw)] bg-sunken shadow-float outline-none"
        >
          <Radix.Title className="sr-only">{t('nav.label')}</Radix.Title>
          <Drawer />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
