import { request } from './client';
import type { UsageReport } from './types';

/** Days are calendar days of `tz`, both ends included. */
export const readMyUsage = (from: string, to: string, tz: string, signal?: AbortSignal) =>
  request<UsageReport>(`/api/analytics/usage/me?${new URLSearchParams({ from, to, tz })}`, {
    signal,
  });
