import { describe, expect, it } from 'vitest';
import { aConversation } from '@/test/samples';
import { groupByDay } from './groups';

describe('groupByDay', () => {
  const now = new Date(2026, 10, 23, 9);
  const at = (id: string, day: number, hour: number) =>
    aConversation({ id, updated_at: new Date(2026, 10, day, hour).toISOString() });

  it('groups by calendar days of the reader, not by hours', () => {
    const groups = groupByDay(
      [at('a', 23, 0), at('b', 22, 23), at('c', 22, 0), at('d', 21, 23)],
      now,
    );
    expect(groups.map(({ name, items }) => [name, items.map((item) => item.id)])).toEqual([
      ['today', ['a']],
      ['yesterday', ['b', 'c']],
      ['earlier', ['d']],
    ]);
  });

  it('leaves out empty groups', () => {
    expect(groupByDay([at('d', 2, 1)], now).map((group) => group.name)).toEqual(['earlier']);
  });
});
