import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useNavigate } from 'react-router';
import { config } from '@/app/config';
import { CognitoError } from '../cognito';
import { startSession, useSession } from '../session';
import type { SignInResult } from '../srp';
import { AuthPage } from './AuthPage';
import { EmailField, TextLink } from './fields';
import { PasswordField } from './PasswordField';
import { ProviderButtons } from './ProviderButtons';
import { type PageState, useAuthForm } from './useAuthForm';

type NewPassword = Extract<SignInResult, { kind: 'new-password' }>;

export function SignIn() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const handed = (useLocation().state ?? {}) as PageState;
  const expired = useSession((session) => session.expired);
  const [email, setEmail] = useState(handed.email ?? '');
  const [password, setPassword] = useState('');
  const [pending, setPending] = useState<NewPassword | null>(null);
  const { busy, problem, run } = useAuthForm();

  const take = (result: SignInResult) => {
    if (result.kind === 'tokens') return startSession(result.tokens);
    setPassword('');
    setPending(result);
  };
  const submit = async () => {
    useSession.setState({ failure: null });
    if (pending) return take(await pending.complete(password));
    const { signIn } = await import('../srp');
    try {
      take(await signIn(email, password));
    } catch (error) {
      if (!(error instanceof CognitoError) || error.code !== 'UserNotConfirmedException')
        throw error;
      await navigate('/confirm', { state: { email } satisfies PageState });
    }
  };
  const note = handed.note ? t(`auth.${handed.note}`) : expired ? t('auth.error.expired') : null;
  return (
    <AuthPage
      title={t(pending ? 'auth.firstPasswordTitle' : 'auth.signInTitle')}
      text={t(pending ? 'auth.firstPasswordText' : 'auth.tagline')}
      note={note}
      problem={problem}
      submit={t(pending ? 'auth.setPassword' : 'auth.signIn')}
      busy={busy}
      onSubmit={() => void run(submit)}
      before={pending ? null : <ProviderButtons from={handed.from} />}
      footer={
        <>
          <p>
            <TextLink to="/forgot" state={{ email }}>
              {t('auth.forgot')}
            </TextLink>
          </p>
          {config().features.self_sign_up && (
            <p>
              {t('auth.noAccount')} <TextLink to="/sign-up">{t('auth.signUp')}</TextLink>
            </p>
          )}
        </>
      }
    >
      {!pending && <EmailField value={email} onChange={setEmail} />}
      <PasswordField value={password} onChange={setPassword} isNew={pending !== null} />
    </AuthPage>
  );
}
