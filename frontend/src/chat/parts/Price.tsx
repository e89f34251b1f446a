import { useTranslation } from 'react-i18next';
import type { Usage } from '@/api/types';
import { formatCost, formatCount } from '@/i18n/format';
import { Tooltip } from '@/ui/Tooltip';

export const tokensOf = (usage: Usage) =>
  usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens + usage.output_tokens;

/** Tokens and price of an answer. */
export function Price({ usage }: { usage: Usage }) {
  const { t, i18n } = useTranslation();
  const say = (count: number) => formatCount(count, i18n.language);
  const total = tokensOf(usage);
  const input = total - usage.output_tokens;
  const detail: string[] = [
    t('chat.tokensDetail', { input: say(input), output: say(usage.output_tokens) }),
  ];
  if (usage.cache_read_tokens > 0) {
    detail.push(t('chat.tokensCached', { cached: say(usage.cache_read_tokens) }));
  }
  if (usage.basis === 'estimated') detail.push(t('chat.estimated'));
  return (
    <Tooltip label={detail.join(' · ')}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its details also appear on focus */}
      <span tabIndex={0} className="rounded-small px-1 text-xs text-faint tabular-nums">
        {t('chat.tokens', { count: total, formatted: say(total) })}
        {' · '}
        {formatCost(usage.cost_nano_usd, i18n.language)}
      </span>
    </Tooltip>
  );
}
