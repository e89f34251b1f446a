import { useTranslation } from 'react-i18next';

/** A placeholder for the report while it loads. */
export function UsageSkeleton() {
  const { t } = useTranslation();
  return (
    <div aria-busy>
      <span className="sr-only">{t('app.loading')}</span>
      <div className="grid grid-cols-3 gap-4">
        {['a', 'b', 'c'].map((key) => (
          <span key={key} className="skeleton h-15" />
        ))}
      </div>
      <span className="skeleton mt-24 block h-40" />
    </div>
  );
}

/** Shown while the code of the page loads. */
export function UsagePageSkeleton() {
  const { t } = useTranslation();
  return (
    <main id="chat" className="min-w-0 flex-1">
      <div className="mx-auto max-w-3xl px-5">
        <h1 className="ms-11 pt-4 pb-8 text-lg font-semibold tracking-tight sm:pt-8 sm:text-xl">
          {t('usage.title')}
        </h1>
        <UsageSkeleton />
      </div>
    </main>
  );
}
