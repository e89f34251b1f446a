import { describe, expect, it } from 'vitest';
import type { UsageRow } from '@/api/types';
import { byDay, byModel, daysUntil, toCsv, totalOf } from './report';

const row = (date: string, model: string, cost: number): UsageRow => ({
  date,
  model,
  invocations: 1,
  input_tokens: 10,
  output_tokens: 5,
  cache_read_tokens: 2,
  cache_write_tokens: 1,
  cost_nano_usd: cost,
  estimated_invocations: 0,
});

const ROWS = [row('2026-11-22', 'a', 100), row('2026-11-23', 'a', 50), row('2026-11-23', 'b', 400)];

describe('my usage', () => {
  it('computes totals by day and model', () => {
    expect(totalOf(ROWS)).toEqual({ cost: 550, tokens: 54, calls: 3 });
    expect(byDay(ROWS, ['2026-11-21', '2026-11-22', '2026-11-23']).map((day) => day.cost)).toEqual([
      0, 100, 450,
    ]);
    expect(byModel(ROWS).map(({ model, cost }) => [model, cost])).toEqual([
      ['b', 400],
      ['a', 150],
    ]);
  });

  it('counts days across the end of a month and a clock change', () => {
    expect(daysUntil(new Date(2026, 2, 30, 0, 30), 3)).toEqual([
      '2026-03-28',
      '2026-03-29',
      '2026-03-30',
    ]);
    expect(daysUntil(new Date(2027, 0, 1, 23), 2)).toEqual(['2026-12-31', '2027-01-01']);
  });

  it('writes CSV for spreadsheets, without formulas', () => {
    const lines = toCsv([row('2026-11-23', '=cmd, "x"', 1_500_000_000)]).split('\r\n');
    expect(lines[0]).toBe('day,model,calls,input_tokens,output_tokens,cached_tokens,cost_usd');
    expect(lines[1]).toBe(`2026-11-23,"'=cmd, ""x""",1,10,5,3,1.500000000`);
  });
});
