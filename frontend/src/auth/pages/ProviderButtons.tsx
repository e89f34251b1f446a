import { useTranslation } from 'react-i18next';
import { config } from '@/app/config';
import { Button } from '@/ui/Button';
import { redirectToProvider } from '../hosted/authorize';
import { useSession } from '../session';
import { ProblemLine } from './ProblemLine';
import { useAuthForm } from './useAuthForm';

/** One button for each identity provider, above the password form. */
export function ProviderButtons({ from }: { from: string | undefined }) {
  const { t } = useTranslation();
  const failure = useSession((session) => session.failure);
  const { busy, problem, run } = useAuthForm();
  const { providers } = config().hosted_sign_in ?? { providers: [] };
  const shown = problem ?? failure;
  if (providers.length === 0) return null;
  return (
    <div className="mt-6">
      <div role="alert">{shown && <ProblemLine problem={shown} />}</div>
      <div className={shown ? 'mt-5 space-y-3' : 'space-y-3'}>
        {providers.map(({ name, title }) => (
          <Button
            key={name}
            aria-disabled={busy}
            onClick={() => void (busy || run(() => redirectToProvider(name, from)))}
            className="h-11! w-full border-line-focus! bg-sunken text-base!"
          >
            {t('auth.continueWith', { provider: title })}
          </Button>
        ))}
      </div>
      <p className="mt-6 flex items-center gap-3 text-sm text-faint">
        <span aria-hidden className="h-px flex-1 bg-line" />
        {t('auth.or')}
        <span aria-hidden className="h-px flex-1 bg-line" />
      </p>
    </div>
  );
}
