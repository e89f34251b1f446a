import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { config } from '@/app/config';
import { signUp } from '../cognito';
import { AuthPage } from './AuthPage';
import { EmailField, TextLink } from './fields';
import { PasswordField } from './PasswordField';
import { type PageState, useAuthForm } from './useAuthForm';

export function SignUp() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { busy, problem, run } = useAuthForm();
  const domains = config().sign_up_email_domains;
  const submit = async () => {
    const { UserConfirmed } = await signUp(email, password);
    const state: PageState = UserConfirmed ? { email, note: 'confirmed' } : { email };
    await navigate(UserConfirmed ? '/sign-in' : '/confirm', { state });
  };
  const names = new Intl.ListFormat(i18n.language, { type: 'disjunction' }).format(domains);
  return (
    <AuthPage
      title={t('auth.signUpTitle')}
      text={domains.length > 0 ? t('auth.domains', { domains: names }) : undefined}
      problem={problem}
      submit={t('auth.signUp')}
      busy={busy}
      onSubmit={() => void run(submit)}
      footer={
        <p>
          {t('auth.haveAccount')} <TextLink to="/sign-in">{t('auth.signIn')}</TextLink>
        </p>
      }
    >
      <EmailField value={email} onChange={setEmail} />
      <PasswordField value={password} onChange={setPassword} isNew />
    </AuthPage>
  );
}
