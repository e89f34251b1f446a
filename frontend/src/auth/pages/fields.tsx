import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Field } from '@/ui/Field';

interface Props {
  value: string;
  onChange: (value: string) => void;
}

export function EmailField({ value, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Field
      label={t('auth.email')}
      type="email"
      name="email"
      autoComplete="username"
      inputMode="email"
      required
      value={value}
      onChange={(event) => onChange(event.target.value.trim())}
    />
  );
}

export function CodeField({ value, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Field
      label={t('auth.code')}
      name="code"
      autoComplete="one-time-code"
      inputMode="numeric"
      required
      maxLength={12}
      value={value}
      onChange={(event) => onChange(event.target.value.replace(/\s/g, ''))}
    />
  );
}

export function TextLink({
  to,
  state,
  children,
}: {
  to: string;
  state?: unknown;
  children: string;
}) {
  return (
    <Link
      to={to}
      state={state}
      className="font-medium text-accent underline-offset-4 hover:underline"
    >
      {children}
    </Link>
  );
}
