import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

const WAIT_SECONDS = 30;

/** Sends a new code, at most once in 30 s. */
export function Resend({ onResend }: { onResend: () => Promise<void> }) {
  const { t } = useTranslation();
  const [wait, setWait] = useState(0);
  const [sent, setSent] = useState(false);
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);
  const resend = async () => {
    setWait(WAIT_SECONDS);
    setSent(false);
    await onResend();
    setSent(true);
  };
  return (
    <div>
      <button
        type="button"
        disabled={wait > 0}
        onClick={() => void resend()}
        className="font-medium text-accent underline-offset-4 enabled:hover:underline disabled:text-faint"
      >
        {wait > 0 ? t('auth.resendIn', { seconds: wait }) : t('auth.resend')}
      </button>
      <p role="status">{sent && t('auth.resent')}</p>
    </div>
  );
}
