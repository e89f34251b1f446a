import { type InputHTMLAttributes, type ReactNode, useId } from 'react';

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  aside?: ReactNode;
  hint?: ReactNode;
  invalid?: boolean;
}

export function Field({ label, aside, hint, invalid = false, ...input }: Props) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          aria-invalid={invalid || undefined}
          aria-describedby={hint ? `${id}-hint` : undefined}
          className="h-11 w-full rounded-medium border border-line-strong bg-page px-3 text-base outline-offset-0 transition-colors aria-[invalid]:border-danger"
          {...input}
        />
        {aside && <div className="absolute inset-y-0 end-1 flex items-center">{aside}</div>}
      </div>
      {hint && (
        <div id={`${id}-hint`} className="mt-2 text-sm text-soft">
          {hint}
        </div>
      )}
    </div>
  );
}
