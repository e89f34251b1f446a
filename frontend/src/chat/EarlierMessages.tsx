import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

/** Loads earlier messages when the reader scrolls near the beginning. */
export function EarlierMessages({ loading, onLoad }: { loading: boolean; onLoad: () => void }) {
  const { t } = useTranslation();
  const mark = useRef<HTMLDivElement>(null);
  const load = useRef(onLoad);
  load.current = onLoad;
  useEffect(() => {
    if (!mark.current || loading) return;
    const near = new IntersectionObserver(([entry]) => entry?.isIntersecting && load.current(), {
      rootMargin: '400px 0px 0px',
    });
    near.observe(mark.current);
    return () => near.disconnect();
  }, [loading]);
  return (
    <div ref={mark} className="space-y-3 py-4">
      <span className="sr-only">{t('app.loading')}</span>
      <span className="skeleton block h-4 w-3/4" />
      <span className="skeleton block h-4 w-1/2" />
    </div>
  );
}
