import * as Radix from '@radix-ui/react-dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './IconButton';

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
}

export const OVERLAY = 'enter-fade fixed inset-0 z-40 bg-overlay';
export const PANEL =
  'enter-dialog fixed left-1/2 top-1/2 z-50 w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 rounded-large border border-line bg-raised shadow-float';

function focusPanel(event: Event): void {
  event.preventDefault();
  (event.currentTarget as HTMLElement).focus();
}

/** Radix traps the focus, restores it, and closes the dialog on Esc. */
export function Dialog({ open, onOpenChange, title, children }: Props) {
  const { t } = useTranslation();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          aria-describedby={undefined}
          // Focus the dialog instead of its first button, so that no key press triggers a button.
          onOpenAutoFocus={focusPanel}
          className={`${PANEL} flex max-h-[calc(100dvh-4rem)] max-w-lg flex-col outline-none`}
        >
          <header className="flex items-center justify-between py-3 ps-6 pe-3">
            <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton withoutTooltip label={t('app.close')}>
                <X aria-hidden className="size-4" />
              </IconButton>
            </Radix.Close>
          </header>
          <div className="min-h-0 overflow-y-auto px-6 pb-6">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
