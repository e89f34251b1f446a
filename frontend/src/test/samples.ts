import type { Conversation, Message, Model } from '@/api/types';

export const aConversation = (change: Partial<Conversation> = {}): Conversation => ({
  id: 'conv_1',
  title: 'A talk',
  title_source: 'service',
  model: null,
  created_at: '2026-11-23T09:00:00Z',
  updated_at: '2026-11-23T09:00:00Z',
  last_message_id: null,
  running_turns: [],
  ...change,
});

export const aMessage = (change: Partial<Message> = {}): Message => ({
  id: 'msg_1',
  parent_id: null,
  role: 'user',
  content: [{ type: 'text', text: 'hello' }],
  status: 'complete',
  model: null,
  turn_id: null,
  stop_reason: null,
  usage: null,
  error: null,
  created_at: '2026-11-23T09:00:00Z',
  ...change,
});

export const aModel = (change: Partial<Model> = {}): Model => ({
  id: 'scripted.story',
  name: 'Story',
  provider: 'scripted',
  capabilities: {
    images: false,
    documents: false,
    video: false,
    reasoning: 'none',
    thinking: { thinks: 'never', efforts: [], default_effort: null, silent: false },
    tools: false,
    prefill: false,
    prompt_caching: false,
    token_counting: false,
  },
  limits: { context_tokens: 8000, output_tokens: 2000 },
  prices: { input: '0', output: '0', cache_read: '0', cache_write: '0' },
  default: true,
  notice: null,
  legacy_on: null,
  ends_on: null,
  ...change,
});
