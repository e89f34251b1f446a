import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { ConversationItem } from './ConversationItem';
import { useConversations } from './useConversations';

export function ConversationList() {
  const { t } = useTranslation();
  const { groups, isPending, isError, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useConversations();
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || !hasNextPage || isFetchingNextPage) return;
    const near = new IntersectionObserver(
      ([entry]) => entry?.isIntersecting && void fetchNextPage(),
      {
        rootMargin: '0px 0px 300px',
      },
    );
    near.observe(end.current);
    return () => near.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
      {isPending && <ListSkeleton />}
      {isError && groups.length === 0 && (
        <div className="space-y-3 px-3 py-4 text-sm text-soft">
          <p>{t('nav.loadFailed')}</p>
          <Button onClick={() => void refetch()}>{t('app.tryAgain')}</Button>
        </div>
      )}
      {!isPending && !isError && groups.length === 0 && (
        <p className="px-3 py-4 text-sm text-faint">{t('nav.empty')}</p>
      )}
      {groups.map((group) => (
        <section key={group.name} aria-label={t(`nav.${group.name}`)}>
          <h3 className="px-3 pt-4 pb-1 text-xs text-faint">{t(`nav.${group.name}`)}</h3>
          <ul>
            {group.items.map((conversation) => (
              <ConversationItem key={conversation.id} conversation={conversation} />
            ))}
          </ul>
        </section>
      ))}
      {hasNextPage && (
        <div ref={end}>
          <ListSkeleton />
        </div>
      )}
    </div>
  );
}

function ListSkeleton() {
  const { t } = useTranslation();
  return (
    <div className="space-y-5 px-3 py-4">
      <span className="sr-only">{t('app.loading')}</span>
      {['w-4/5', 'w-3/5', 'w-11/12', 'w-2/3'].map((width) => (
        <span key={width} className={`skeleton block h-4 ${width}`} />
      ))}
    </div>
  );
}
