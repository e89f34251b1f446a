import { request } from './client';
import type { ToolPage } from './types';

/** Names of the tools that an answer may use. */
export const listTools = async (signal?: AbortSignal): Promise<string[]> =>
  (await request<ToolPage>('/api/agents/tools', { signal })).items.map(({ name }) => name);
