import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Button } from '@/ui/Button';

export function LoadFailed({ missing, onRetry }: { missing: boolean; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="alert" className="m-auto py-16 text-center">
      <h1 className="text-base text-soft">{t(missing ? 'chat.notFound' : 'chat.loadFailed')}</h1>
      <div className="mt-4">
        {missing ? (
          <Link to="/" className="font-medium text-accent underline-offset-4 hover:underline">
            {t('nav.newChat')}
          </Link>
        ) : (
          <Button onClick={onRetry}>{t('app.tryAgain')}</Button>
        )}
      </div>
    </div>
  );
}
