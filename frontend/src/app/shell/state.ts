import { create } from 'zustand';

export type Overlay = 'palette' | 'keys' | 'settings' | null;

interface Shell {
  overlay: Overlay;
  phoneDrawer: boolean;
  /** Stops the running answer on Esc. The page sets it while an answer runs, else it is null. */
  stop: (() => void) | null;
  focusComposer: () => void;
  open: (overlay: Overlay) => void;
}

export const useShell = create<Shell>()((set) => ({
  overlay: null,
  phoneDrawer: false,
  stop: null,
  focusComposer: () => undefined,
  open: (overlay) => set({ overlay, phoneDrawer: false }),
}));
