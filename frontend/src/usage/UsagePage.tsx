import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { readMyUsage } from '@/api/analytics';
import { keys } from '@/api/queries';
import type { UsageRow } from '@/api/types';
import { useModels } from '@/chat/models';
import { useWindowTitle } from '@/chat/useWindowTitle';
import { formatCompact, formatCost, formatCount } from '@/i18n/format';
import { Button } from '@/ui/Button';
import { Select } from '@/ui/Select';
import { Chart } from './Chart';
import { byDay, daysUntil, toCsv, totalOf } from './report';
import { DayTable, ModelTable } from './tables';
import { UsageSkeleton } from './UsageSkeleton';

const PERIODS = [7, 30, 90];
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function download(rows: readonly UsageRow[], name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\uFEFF', toCsv(rows)], { type: 'text/csv' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export default function UsagePage() {
  const { t } = useTranslation();
  const [period, setPeriod] = useState(30);
  const days = daysUntil(new Date(), period);
  const from = days[0] ?? '';
  const to = days.at(-1) ?? '';
  const usage = useQuery({
    queryKey: keys.usage(from, to),
    queryFn: ({ signal }) => readMyUsage(from, to, zone, signal),
  });
  const rows = usage.data?.days ?? [];
  useWindowTitle(t('usage.title'));
  return (
    <main id="chat" className="min-w-0 flex-1 overflow-y-auto">
      <div className="mx-auto max-w-3xl px-5 pb-16">
        <header className="flex items-center gap-2 pt-4 pb-8 sm:gap-3 sm:pt-8">
          <Link
            to="/"
            aria-label={t('usage.back')}
            className="touchable flex size-9 items-center justify-center rounded-medium text-soft transition-colors hover:bg-hover"
          >
            <ArrowLeft aria-hidden className="size-5" />
          </Link>
          <h1 className="flex-1 text-lg font-semibold tracking-tight whitespace-nowrap sm:text-xl">
            {t('usage.title')}
          </h1>
          <Select
            label={t('usage.period')}
            value={`${period}`}
            options={PERIODS.map((count) => [`${count}`, t('usage.days', { count })] as const)}
            onChange={(value) => setPeriod(Number(value))}
          />
          <Button
            className="max-sm:px-3!"
            disabled={rows.length === 0}
            onClick={() => download(rows, `colloquy-usage-${from}-${to}.csv`)}
          >
            <Download aria-hidden className="size-4" />
            <span className="max-sm:sr-only">{t('usage.download')}</span>
          </Button>
        </header>
        {usage.isPending && <UsageSkeleton />}
        {usage.isError && (
          <div role="alert" className="space-y-4 py-16 text-center text-soft">
            <p>{t('usage.failed')}</p>
            <Button onClick={() => void usage.refetch()}>{t('app.tryAgain')}</Button>
          </div>
        )}
        {usage.isSuccess && rows.length === 0 && (
          <div className="py-20 text-center">
            <p className="font-medium">{t('usage.empty')}</p>
            <p className="mt-1 text-soft">{t('usage.emptyText')}</p>
          </div>
        )}
        {rows.length > 0 && <Report rows={rows} days={days} />}
      </div>
    </main>
  );
}

function Report({ rows, days }: { rows: UsageRow[]; days: string[] }) {
  const { t, i18n } = useTranslation();
  const { models } = useModels();
  const total = totalOf(rows);
  const nameOf = (id: string) => models.find((model) => model.id === id)?.name ?? id;
  const figures = [
    [t('usage.cost'), formatCost(total.cost, i18n.language)],
    [t('usage.tokens'), formatCompact(total.tokens, i18n.language)],
    [t('usage.requests'), formatCount(total.calls, i18n.language)],
  ];
  const heading = 'mt-12 mb-3 text-base font-semibold';
  return (
    <>
      <dl className="grid grid-cols-3 gap-4">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt className="text-sm text-faint">{name}</dt>
            <dd className="mt-1 text-lg font-semibold tracking-tight tabular-nums sm:text-xl">
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <h2 className={heading}>{t('usage.perDay')}</h2>
      <Chart days={byDay(rows, days)} total={total.cost} />
      <h2 className={heading}>{t('usage.byModel')}</h2>
      <ModelTable rows={rows} nameOf={nameOf} />
      <details className="mt-10">
        <summary className="w-fit cursor-pointer rounded-small text-sm text-soft hover:text-text">
          {t('usage.showTable')}
        </summary>
        <div className="mt-3">
          <DayTable rows={rows} nameOf={nameOf} />
        </div>
      </details>
      <p className="mt-8 text-xs text-faint">{t('usage.note', { zone })}</p>
    </>
  );
}
