import * as Radix from '@radix-ui/react-dropdown-menu';
import { Check } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { classes } from './classes';

interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'end';
  side?: 'top' | 'bottom';
  wide?: boolean;
  onCloseAutoFocus?: (event: Event) => void;
}

const LANDMARK = '[role="dialog"], nav, main';

export function Menu({
  trigger,
  children,
  align = 'start',
  side = 'bottom',
  wide = false,
  onCloseAutoFocus,
}: MenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [room, setRoom] = useState<HTMLElement | null>(null);
  // Render the menu inside its landmark or dialog, so that screen readers announce the right context.
  const onOpenChange = () => setRoom(button.current?.closest<HTMLElement>(LANDMARK) ?? null);
  return (
    <Radix.Root modal={false} onOpenChange={onOpenChange}>
      <Radix.Trigger ref={button} asChild>
        {trigger}
      </Radix.Trigger>
      <Radix.Portal container={room}>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={12}
          {...(onCloseAutoFocus ? { onCloseAutoFocus } : {})}
          className={classes(
            'enter-rise z-50 max-h-[min(28rem,var(--radix-dropdown-menu-content-available-height))] overflow-y-auto rounded-medium border border-line bg-raised p-1 shadow-float',
            wide ? 'w-[min(20rem,calc(100vw-1.5rem))]' : 'min-w-48',
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const ITEM =
  'touchable flex w-full select-none items-center gap-3 rounded-small px-2 py-2 text-sm outline-none data-[highlighted]:bg-hover';

interface ItemProps {
  icon?: ReactNode;
  danger?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, danger = false, onSelect, children }: ItemProps) {
  return (
    <Radix.Item onSelect={onSelect} className={classes(ITEM, danger && 'text-danger')}>
      {icon}
      {children}
    </Radix.Item>
  );
}

export const MenuRadioGroup = Radix.RadioGroup;

export function MenuOption({ value, children }: { value: string; children: ReactNode }) {
  return (
    <Radix.RadioItem value={value} className={ITEM}>
      <span className="min-w-0 flex-1">{children}</span>
      <Radix.ItemIndicator>
        <Check aria-hidden className="size-4 text-accent" />
      </Radix.ItemIndicator>
    </Radix.RadioItem>
  );
}

export const MenuSeparator = () => <Radix.Separator className="my-1 h-px bg-line" />;

export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <Radix.Label className="truncate px-2 py-1.5 text-xs text-faint">{children}</Radix.Label>
);
