import type { UsageRow } from '@/api/types';

export interface Total {
  cost: number;
  tokens: number;
  calls: number;
}

export interface DayTotal extends Total {
  day: string;
}

export interface ModelTotal extends Total {
  model: string;
  input: number;
  output: number;
  cached: number;
}

const cachedOf = (row: UsageRow) => (row.cache_read_tokens ?? 0) + (row.cache_write_tokens ?? 0);
const tokensOf = (row: UsageRow) => row.input_tokens + row.output_tokens + cachedOf(row);

export function totalOf(rows: readonly UsageRow[]): Total {
  return rows.reduce(
    (total, row) => ({
      cost: total.cost + row.cost_nano_usd,
      tokens: total.tokens + tokensOf(row),
      calls: total.calls + row.invocations,
    }),
    { cost: 0, tokens: 0, calls: 0 },
  );
}

/** Calendar days as `2026-11-23`, first to last, in the reader's time zone. */
export function daysUntil(now: Date, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (count - 1 - index));
    const pad = (part: number) => `${part}`.padStart(2, '0');
    return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
  });
}

export const byDay = (rows: readonly UsageRow[], days: readonly string[]): DayTotal[] =>
  days.map((day) => ({ day, ...totalOf(rows.filter((row) => row.date === day)) }));

/** Totals by model, highest cost first. */
export function byModel(rows: readonly UsageRow[]): ModelTotal[] {
  const names = [...new Set(rows.map((row) => row.model))];
  const sum = (own: UsageRow[], of: (row: UsageRow) => number) =>
    own.reduce((total, row) => total + of(row), 0);
  return names
    .map((model) => {
      const own = rows.filter((row) => row.model === model);
      return {
        model,
        ...totalOf(own),
        input: sum(own, (row) => row.input_tokens),
        output: sum(own, (row) => row.output_tokens),
        cached: sum(own, cachedOf),
      };
    })
    .toSorted((a, b) => b.cost - a.cost || b.tokens - a.tokens);
}

const cell = (value: string | number) => {
  const text = String(value);
  // A cell that looks like a formula must not become one in a spreadsheet.
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export function toCsv(rows: readonly UsageRow[]): string {
  const head = [
    'day',
    'model',
    'calls',
    'input_tokens',
    'output_tokens',
    'cached_tokens',
    'cost_usd',
  ];
  const lines = rows.map((row) => [
    row.date,
    row.model,
    row.invocations,
    row.input_tokens,
    row.output_tokens,
    cachedOf(row),
    (row.cost_nano_usd / 1e9).toFixed(9),
  ]);
  return [head, ...lines].map((line) => line.map(cell).join(',')).join('\r\n');
}
