import { type ButtonHTMLAttributes, forwardRef, type ReactNode } from 'react';
import { classes } from './classes';
import { Tooltip } from './Tooltip';

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> {
  label: string;
  keys?: string;
  small?: boolean;
  /** Shows no tooltip: in a dialog an open tooltip would consume the first Esc. */
  withoutTooltip?: boolean;
  children: ReactNode;
}

/** A button with an icon only: screen readers read its label, and a tooltip shows it. */
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
