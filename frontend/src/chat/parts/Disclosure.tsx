import { ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { classes } from '@/ui/classes';

interface Props {
  icon: ReactNode;
  label: string;
  /** Shown as code beside the label, for example the input of a tool. */
  hint?: string | undefined;
  aside?: ReactNode;
  active?: boolean;
  failed?: boolean;
  /** Makes the details only when they are opened. */
  lazy?: boolean;
  children: ReactNode;
}

/** One line that opens to show details, for example of a tool call or of reasoning. */
export function Disclosure({
  icon,
  label,
  hint,
  aside,
  active = false,
  failed = false,
  lazy = false,
  children,
}: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className="group my-2 text-sm open:mb-4"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: some screen readers miss the native state */}
      <summary
        aria-expanded={open}
        className={classes(
          'touchable -ms-2 inline-flex max-w-full cursor-pointer select-none items-center gap-2 rounded-small px-2 py-1 transition-colors hover:bg-hover',
          failed ? 'text-danger' : 'text-soft',
        )}
      >
        {icon}
        <span className={classes(hint ? 'shrink-0' : 'truncate', active && 'pulsing')}>
          {label}
        </span>
        {hint && <code className="min-w-0 truncate font-mono text-xs text-faint">{hint}</code>}
        {aside && <span className="shrink-0 text-faint tabular-nums">{aside}</span>}
        <ChevronRight
          aria-hidden
          className="size-4 shrink-0 text-faint transition-transform group-open:rotate-90"
        />
      </summary>
      <div className="mt-2 border-s-2 border-line ps-4 text-soft">
        {(open || !lazy) && children}
      </div>
    </details>
  );
}
