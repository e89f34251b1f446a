import { Check, Circle, Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { config } from '@/app/config';
import { Field } from '@/ui/Field';
import { IconButton } from '@/ui/IconButton';
import { checkPassword } from '../password';

interface Props {
  value: string;
  onChange: (value: string) => void;
  /** Shows the rules for a new password, and which of them are met. */
  isNew?: boolean;
}

export function PasswordField({ value, onChange, isNew = false }: Props) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <Field
      label={t(isNew ? 'auth.newPassword' : 'auth.password')}
      type={shown ? 'text' : 'password'}
      name="password"
      autoComplete={isNew ? 'new-password' : 'current-password'}
      required
      value={value}
      onChange={(event) => onChange(event.target.value)}
      aside={
        <IconButton
          label={t(shown ? 'auth.hidePassword' : 'auth.showPassword')}
          onClick={() => setShown(!shown)}
        >
          <Icon aria-hidden className="size-4" />
        </IconButton>
      }
      hint={isNew ? <Rules password={value} /> : undefined}
    />
  );
}

function Rules({ password }: { password: string }) {
  const { t } = useTranslation();
  const policy = config().password_policy;
  return (
    <>
      <p className="mb-1">{t('auth.policy.title')}</p>
      <ul className="grid grid-cols-1 gap-1 sm:grid-cols-2">
        {checkPassword(password, policy).map(({ name, met }) => (
          <li key={name} className={met ? 'flex gap-2 text-accent' : 'flex gap-2'}>
            {met ? (
              <Check aria-hidden className="mt-0.5 size-4 shrink-0" />
            ) : (
              <Circle aria-hidden className="mt-0.5 size-4 shrink-0 p-1 text-faint" />
            )}
            <span>
              {name === 'length'
                ? t('auth.policy.length', { count: policy.minimum_length })
                : t(`auth.policy.${name}`)}
              <span className="sr-only">
                : {t(met ? 'auth.policy.met' : 'auth.policy.missing')}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
