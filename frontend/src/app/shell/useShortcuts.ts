import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { useSettings } from '@/settings/store';
import { useShell } from './state';

const isTextField = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const isOtherTextField = (target: EventTarget | null) =>
  isTextField(target) && !(target as HTMLElement).hasAttribute('data-composer');

const isOverlayOpen = () =>
  document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"]') !== null;

/** The keys that work everywhere; `?` shows them. */
export function useShortcuts(): void {
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing) return;
      const { overlay, open, stop, focusComposer } = useShell.getState();
      const command = event.metaKey || event.ctrlKey;
      const key = event.key.toLowerCase();
      const run = (action: () => void) => {
        event.preventDefault();
        action();
      };
      if (command && key === 'k') return run(() => open(overlay === 'palette' ? null : 'palette'));
      if (isOverlayOpen()) return;
      if (command && event.shiftKey && key === 'o') return run(() => void navigate('/'));
      if (command && key === 'b') return run(toggleDrawer);
      if (key === 'escape' && stop && !isOtherTextField(event.target)) return run(stop);
      if (command || event.altKey || isTextField(event.target)) return;
      if (key === '?') return run(() => open('keys'));
      if (key === '/') return run(focusComposer);
    };
    // In the capture phase: when Esc closes a dialog, the dialog must still be open here.
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
  }, [navigate]);
}

function toggleDrawer(): void {
  if (matchMedia('(max-width: 767px)').matches) {
    useShell.setState(({ phoneDrawer }) => ({ phoneDrawer: !phoneDrawer }));
    return;
  }
  const { drawerOpen, setDrawerOpen } = useSettings.getState();
  setDrawerOpen(!drawerOpen);
}
