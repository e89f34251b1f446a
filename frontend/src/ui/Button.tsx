import { type ButtonHTMLAttributes, forwardRef } from 'react';
import { classes } from './classes';

type Look = 'primary' | 'plain' | 'outline' | 'danger';

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover',
  plain: 'text-soft hover:bg-hover hover:text-text',
  outline: 'border border-line text-text hover:bg-hover',
  danger: 'bg-danger text-on-danger hover:bg-danger-hover',
};

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
}

export const Button = forwardRef<HTMLButtonElement, Props>(function Button(
  { look = 'outline', className, type = 'button', ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type={type}
      className={classes(
        'touchable inline-flex h-9 items-center justify-center gap-2 rounded-medium px-4 text-sm font-medium transition-colors disabled:opacity-50',
        LOOKS[look],
        className,
      )}
      {...rest}
    />
  );
});
