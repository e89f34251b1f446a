import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { config } from '@/app/config';
import { Button } from '@/ui/Button';
import { Logo } from '@/ui/Logo';
import type { AuthProblem } from '../errors';
import { LanguageLinks } from './LanguageLinks';
import { ProblemLine } from './ProblemLine';

interface Props {
  title: string;
  text?: ReactNode;
  note?: string | null;
  problem: AuthProblem | null;
  submit: string;
  busy: boolean;
  onSubmit: () => void;
  /** Shown above the form: other ways to sign in. */
  before?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
}

/** The layout of every page before sign-in: one column, one form, one button. */
export function AuthPage({
  title,
  text,
  note,
  problem,
  submit,
  busy,
  onSubmit,
  before,
  children,
  footer,
}: Props) {
  const { t } = useTranslation();
  const { logo } = config();
  const onForm = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) onSubmit();
  };
  return (
    <div className="flex h-dvh flex-col overflow-y-auto bg-page">
      <main className="m-auto w-full max-w-sm px-6 py-10">
        <div className="mb-8 flex items-center gap-3">
          {logo ? <img src={logo} alt="" className="h-8" /> : <Logo className="size-8" />}
          <span className="text-base font-semibold tracking-tight">{t('app.name')}</span>
        </div>
        <h1 className="text-xl font-semibold tracking-tight text-balance">{title}</h1>
        {text && <p className="mt-2 text-soft">{text}</p>}
        {note && (
          <p role="status" className="mt-4 rounded-medium bg-accent-soft px-3 py-2 text-sm">
            {note}
          </p>
        )}
        {before}
        <form onSubmit={onForm} className="mt-6 space-y-5" noValidate>
          {children}
          <div aria-live="assertive">{problem && <ProblemLine problem={problem} />}</div>
          <Button
            look="primary"
            type="submit"
            aria-disabled={busy}
            className="h-11! w-full text-base!"
          >
            <span className={busy ? 'pulsing' : undefined}>{submit}</span>
          </Button>
        </form>
        {footer && <div className="mt-6 space-y-2 text-sm text-soft">{footer}</div>}
      </main>
      <LanguageLinks />
    </div>
  );
}
