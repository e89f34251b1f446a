import type { ReactNode } from 'react';
import { Tooltip } from '@/ui/Tooltip';

interface Props {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  children: ReactNode;
}

/** An on/off button for an option of the next answer. */
export function Toggle({ label, on, onChange, children }: Props) {
  return (
    <Tooltip label={label}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={on}
        onClick={() => onChange(!on)}
        className="touchable flex size-8 items-center justify-center rounded-small text-soft transition-colors hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:text-accent"
      >
        {children}
      </button>
    </Tooltip>
  );
}
