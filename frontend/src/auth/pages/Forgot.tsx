import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useNavigate } from 'react-router';
import { config, noticeText } from '@/app/config';
import { forgotPassword, resetPassword } from '../cognito';
import { AuthPage } from './AuthPage';
import { CodeField, EmailField, TextLink } from './fields';
import { PasswordField } from './PasswordField';
import { Resend } from './Resend';
import { type PageState, useAuthForm } from './useAuthForm';

export function Forgot() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const handed = (useLocation().state ?? {}) as PageState;
  const [email, setEmail] = useState(handed.email ?? '');
  const [sent, setSent] = useState(false);
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const { busy, problem, run } = useAuthForm();
  const sendCode = () =>
    run(async () => {
      await forgotPassword(email);
      setSent(true);
    });
  const reset = () =>
    run(async () => {
      await resetPassword(email, code, password);
      await navigate('/sign-in', { state: { email, note: 'passwordChanged' } satisfies PageState });
    });
  return (
    <AuthPage
      title={t(sent ? 'auth.resetTitle' : 'auth.forgotTitle')}
      text={sent ? t('auth.resetText', { email }) : t('auth.forgotText')}
      note={sent ? noticeText(config().notices.confirmation, i18n.language) : null}
      problem={problem}
      submit={t(sent ? 'auth.setPassword' : 'auth.sendCode')}
      busy={busy}
      onSubmit={() => void (sent ? reset() : sendCode())}
      footer={
        <>
          {sent && <Resend onResend={sendCode} />}
          <TextLink to="/sign-in">{t('auth.backToSignIn')}</TextLink>
        </>
      }
    >
      {sent ? (
        <>
          <CodeField value={code} onChange={setCode} />
          <PasswordField value={password} onChange={setPassword} isNew />
        </>
      ) : (
        <EmailField value={email} onChange={setEmail} />
      )}
    </AuthPage>
  );
}
