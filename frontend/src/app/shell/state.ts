import { create } from 'zustand';
import { MODEL_PICKER } from '@/chat/composer/modelPickerId';

export type Overlay = 'palette' | 'keys' | 'settings' | null;

interface Shell {
  overlay: Overlay;
  phoneDrawer: boolean;
  /** Stops the running answer on Esc. The page sets it while an answer runs, else it is null. */
  stop: (() => void) | null;
  focusComposer: () => void;
  open: (overlay: Overlay) => void;
  openModels: () => void;
}

export const useShell = create<Shell>()((set) => ({
  overlay: null,
  phoneDrawer: false,
  stop: null,
  focusComposer: () => undefined,
  open: (overlay) => set({ overlay, phoneDrawer: false }),
  openModels: () => {
    const picker = document.getElementById(MODEL_PICKER);
    picker?.focus();
    picker?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  },
}));
