import { ChevronDown } from 'lucide-react';

interface Props {
  label: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  onChange: (value: string) => void;
}

/** The browser's own select list, which works best on a phone. */
export function Select({ label, value, options, onChange }: Props) {
  return (
    <span className="relative inline-flex max-w-full">
      <select
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="touchable h-9 max-w-full appearance-none truncate rounded-medium border border-line bg-page ps-3 pe-9 text-sm transition-colors hover:bg-hover"
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute inset-e-2.5 top-1/2 size-4 -translate-y-1/2 text-faint"
      />
    </span>
  );
}
