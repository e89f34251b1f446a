import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useNavigate } from 'react-router';
import { config, noticeText } from '@/app/config';
import { confirmSignUp, resendCode } from '../cognito';
import { AuthPage } from './AuthPage';
import { CodeField, EmailField, TextLink } from './fields';
import { Resend } from './Resend';
import { type PageState, useAuthForm } from './useAuthForm';

export function ConfirmSignUp() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const handed = (useLocation().state ?? {}) as PageState;
  const [email, setEmail] = useState(handed.email ?? '');
  const [code, setCode] = useState('');
  const { busy, problem, run } = useAuthForm();
  const submit = async () => {
    await confirmSignUp(email, code);
    await navigate('/sign-in', { state: { email, note: 'confirmed' } satisfies PageState });
  };
  const resend = () =>
    run(async () => {
      await resendCode(email);
    });
  return (
    <AuthPage
      title={t('auth.confirmTitle')}
      text={handed.email && t('auth.confirmText', { email: handed.email })}
      note={noticeText(config().notices.confirmation, i18n.language)}
      problem={problem}
      submit={t('auth.confirm')}
      busy={busy}
      onSubmit={() => void run(submit)}
      footer={
        <>
          <Resend onResend={resend} />
          <TextLink to="/sign-in">{t('auth.backToSignIn')}</TextLink>
        </>
      }
    >
      {!handed.email && <EmailField value={email} onChange={setEmail} />}
      <CodeField value={code} onChange={setCode} />
    </AuthPage>
  );
}
