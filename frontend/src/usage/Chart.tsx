import { useTranslation } from 'react-i18next';
import { formatCost, formatDay } from '@/i18n/format';
import { Tooltip } from '@/ui/Tooltip';
import type { DayTotal } from './report';

const HEIGHT_PX = 160;

/** One bar per day; its height is the cost. The label and the table below contain the same data as text. */
export function Chart({ days, total }: { days: readonly DayTotal[]; total: number }) {
  const { t, i18n } = useTranslation();
  const top = Math.max(...days.map((day) => day.cost), 1);
  const peak = days.findLast((day) => day.cost === top && top > 1)?.day;
  const say = (day: string | undefined) => (day ? formatDay(day, i18n.language) : '');
  const from = say(days[0]?.day);
  const to = say(days.at(-1)?.day);
  const cost = (nano: number) => formatCost(nano, i18n.language);
  return (
    <figure role="img" aria-label={t('usage.chart', { from, to, total: cost(total) })}>
      <div
        className="flex items-end gap-[2px] border-b border-line pt-6 sm:gap-1"
        style={{ height: HEIGHT_PX }}
      >
        {days.map((day) => (
          <Tooltip key={day.day} label={`${say(day.day)} · ${cost(day.cost)}`}>
            <div className="group relative flex h-full min-w-0 flex-1 items-end">
              {day.day === peak && (
                <span className="absolute start-1/2 -top-6 -translate-x-1/2 text-xs whitespace-nowrap text-soft tabular-nums rtl:translate-x-1/2">
                  {cost(day.cost)}
                </span>
              )}
              <div
                className="w-full rounded-t-[3px] bg-accent transition-opacity group-hover:opacity-70"
                style={{ height: day.cost > 0 ? `max(2px, ${(100 * day.cost) / top}%)` : 0 }}
              />
            </div>
          </Tooltip>
        ))}
      </div>
      <div aria-hidden className="mt-1 flex justify-between text-xs text-faint">
        <span>{from}</span>
        <span>{to}</span>
      </div>
    </figure>
  );
}
