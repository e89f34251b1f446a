import * as Tooltip from '@radix-ui/react-tooltip';
import type { ReactElement } from 'react';
import { Keys } from './Keys';

export const TipProvider = ({ children }: { children: React.ReactNode }) => (
  <Tooltip.Provider delayDuration={500} skipDelayDuration={300}>
    {children}
  </Tooltip.Provider>
);

export function Tip({
  label,
  keys,
  children,
}: {
  label: string;
  keys?: string | undefined;
  children: ReactElement;
}) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          sideOffset={6}
          collisionPadding={8}
          className="enter-fade z-50 flex items-center gap-2 rounded-small bg-text px-2 py-1 text-xs text-page"
        >
          {label}
          {keys && <Keys keys={keys} />}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
