import { useTranslation } from 'react-i18next';

/** A placeholder for a question and its answer while they load. */
export function MessageSkeleton() {
  const { t } = useTranslation();
  return (
    <div aria-busy className="pt-3">
      <span className="sr-only">{t('app.loading')}</span>
      <span className="skeleton ms-auto block h-11 w-2/5 rounded-bubble!" />
      <div className="mt-14 space-y-3">
        {['w-11/12', 'w-full', 'w-4/5', 'w-3/5'].map((width) => (
          <span key={width} className={`skeleton block h-4 ${width}`} />
        ))}
      </div>
    </div>
  );
}
