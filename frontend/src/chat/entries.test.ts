import { describe, expect, it } from 'vitest';
import { aMessage } from '@/test/samples';
import { fromMessage, partsOf, toMessage } from './entries';
import { rememberReasoningTimes } from './reasoningTimes';
import type { ReasoningPart, TurnView } from './stream/turn';

const reasoning = (text: string) => ({ type: 'reasoning' as const, text });
const said = { type: 'text' as const, text: 'So.' };

describe('partsOf', () => {
  it('joins adjacent blocks of reasoning and leaves their empty ones out', () => {
    const blocks = [reasoning('One.'), reasoning(''), reasoning('Two.'), said, reasoning('Three.')];
    expect(partsOf(blocks)).toMatchObject([
      { kind: 'reasoning', text: 'One.\n\nTwo.' },
      { kind: 'text' },
      { kind: 'reasoning', text: 'Three.' },
    ]);
  });

  it('keeps reasoning without text, also if the block has none', () => {
    const redacted = { type: 'reasoning', redacted: true } as unknown as typeof said;
    expect(partsOf([redacted, said])).toMatchObject([{ kind: 'reasoning', text: '' }, {}]);
  });
});

const thought = (text: string, tookMs: number | null): ReasoningPart => ({
  kind: 'reasoning',
  text,
  startedAt: 0,
  tookMs,
});

function viewOf(messageId: string, parts: TurnView['parts']): TurnView {
  return {
    turnId: 'turn_1',
    conversationId: 'conv_1',
    userMessageId: 'msg_1',
    messageId,
    model: 'm',
    attempt: 1,
    startedAt: 0,
    reasons: true,
    narrowed: 'shorter',
    parts,
    state: 'completed',
    stopReason: 'end_turn',
    usage: null,
    error: null,
    title: null,
    lastId: '9',
  };
}

describe('the times of reasoning', () => {
  const stored = (id: string, content: Parameters<typeof partsOf>[0]) => {
    const entry = fromMessage(aMessage({ id, role: 'assistant', content: [...content] }));
    return entry.role === 'assistant' ? entry.parts : [];
  };
  const text = { kind: 'text' as const, text: 'So.' };

  it('stay with the blocks that they belong to', () => {
    rememberReasoningTimes(viewOf('msg_a', [thought('Hm.', 4000), text]));
    expect(stored('msg_a', [reasoning(''), said, reasoning('Hm.')])).toMatchObject([
      { text: '', tookMs: null },
      {},
      { text: 'Hm.', tookMs: 4000 },
    ]);
  });

  it('show silent reasoning at the beginning that is not stored', () => {
    rememberReasoningTimes(viewOf('msg_b', [thought('', 9000), text]));
    const silent = { kind: 'reasoning', text: '', tookMs: 9000 };
    expect(stored('msg_b', [said])).toMatchObject([silent, text]);
    expect(stored('msg_b', [reasoning(''), said])).toMatchObject([silent, text]);
  });
});

it('keeps how the request was narrowed when a turn ends', () => {
  const message = toMessage(viewOf('msg_c', []), '2026-11-23T09:00:00Z');
  expect(message.narrowed).toBe('shorter');
  expect(fromMessage(message)).toMatchObject({ narrowed: 'shorter' });
  expect(fromMessage(aMessage({ role: 'assistant' }))).toMatchObject({ narrowed: null });
});
