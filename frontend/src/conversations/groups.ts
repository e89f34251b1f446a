import type { Conversation } from '@/api/types';

export type GroupName = 'today' | 'yesterday' | 'earlier';

export interface Group {
  name: GroupName;
  items: Conversation[];
}

/** Midnight of a day in the reader's time zone; `setDate` handles daylight saving time. */
function midnight(now: Date, daysAgo: number): number {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() - daysAgo);
  return day.getTime();
}

/** Conversations grouped by the day of their last activity, without empty groups. */
export function groupByDay(conversations: readonly Conversation[], now: Date): Group[] {
  const today = midnight(now, 0);
  const yesterday = midnight(now, 1);
  const nameOf = (conversation: Conversation): GroupName => {
    const time = Date.parse(conversation.updated_at);
    if (time >= today) return 'today';
    return time >= yesterday ? 'yesterday' : 'earlier';
  };
  const names: GroupName[] = ['today', 'yesterday', 'earlier'];
  return names
    .map((name) => ({ name, items: conversations.filter((item) => nameOf(item) === name) }))
    .filter((group) => group.items.length > 0);
}
