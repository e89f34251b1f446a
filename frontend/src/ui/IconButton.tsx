import { type ButtonHTMLAttributes, forwardRef, type ReactNode } from 'react';
import { classes } from './classes';
import { Tooltip } from './Tooltip';

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> {
  label: string;
  keys?: string;
  small?: boolean;
  /** Without the hint: where it would take the focus's first Esc, as in a dialog. */
  withoutTooltip?: boolean;
  children: ReactNode;
}

/** A button that is only a picture: its name is spoken, and shown when pointed at. */
export const IconButton = forwardRef<HTMLButtonElement, Props>(function IconButton(
  {
    label,
    keys,
    small = false,
    withoutTooltip: quiet = false,
    className,
    children,
    type = 'button',
    ...rest
  },
  ref,
) {
  const button = (
    <button
      ref={ref}
      type={type}
      aria-label={label}
      className={classes(
        'touchable inline-flex shrink-0 items-center justify-center rounded-medium text-soft transition-colors hover:bg-hover hover:text-text disabled:opacity-40 disabled:hover:bg-transparent',
        small ? 'size-8' : 'size-9',
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
  return quiet ? (
    button
  ) : (
    <Tooltip label={label} keys={keys}>
      {button}
    </Tooltip>
  );
});
