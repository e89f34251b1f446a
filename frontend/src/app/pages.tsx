import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { resumeSession } from '@/auth/session';
import { Button } from '@/ui/Button';
import { Logo } from '@/ui/Logo';

function Centred({ text, children }: { text: string; children: ReactNode }) {
  return (
    <main
      id="chat"
      className="flex h-dvh flex-1 flex-col items-center justify-center gap-6 p-6 text-center"
    >
      <Logo className="size-10" />
      <p className="max-w-sm text-soft text-balance">{text}</p>
      {children}
    </main>
  );
}

const reload = () => location.reload();

export function Crashed() {
  const { t } = useTranslation();
  return (
    <Centred text={t('app.crashed')}>
      <Button onClick={reload}>{t('app.tryAgain')}</Button>
    </Centred>
  );
}

export function StartFailed() {
  const { t } = useTranslation();
  return (
    <Centred text={t('app.loadFailed')}>
      <Button onClick={reload}>{t('app.tryAgain')}</Button>
    </Centred>
  );
}

const RETRY_MS = 5000;

/** Shown when the user pool does not answer. Tries again every 5 s, because the person is still signed in. */
export function Unreachable() {
  const { t } = useTranslation();
  useEffect(() => {
    const timer = setInterval(() => void resumeSession(), RETRY_MS);
    const now = () => void resumeSession();
    addEventListener('online', now);
    return () => {
      clearInterval(timer);
      removeEventListener('online', now);
    };
  }, []);
  return (
    <Centred text={t('auth.error.offline')}>
      <Button onClick={() => void resumeSession()}>{t('app.tryAgain')}</Button>
    </Centred>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Centred text={t('app.notFound')}>
      <Link to="/" className="font-medium text-accent underline-offset-4 hover:underline">
        {t('app.backToChat')}
      </Link>
    </Centred>
  );
}

/** Invisible for 400 ms, so that a fast start does not flash. */
export function Starting() {
  const { t } = useTranslation();
  return (
    <main className="flex h-dvh flex-1 items-center justify-center" aria-busy>
      <span className="sr-only">{t('app.loading')}</span>
      <span className="pulsing opacity-0 [animation-delay:400ms]">
        <Logo className="size-8" />
      </span>
    </main>
  );
}
