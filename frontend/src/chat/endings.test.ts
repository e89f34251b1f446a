import { describe, expect, it } from 'vitest';
import type { Message } from '@/api/types';
import { aMessage } from '@/test/samples';
import { explainEnding, refusalOf } from './endings';
import { type AnswerEntry, fromMessage, hasWords } from './entries';

const said: Message['content'] = [{ type: 'text', text: 'Half an answer' }];
const tool: Message['content'] = [{ type: 'tool_call', call_id: 'c', name: 'clock', input: {} }];

const anAnswer = (change: Partial<Message>) =>
  fromMessage(aMessage({ role: 'assistant', content: said, ...change })) as AnswerEntry;

const stopped = (stop_reason: string | null, content = said) =>
  explainEnding(anAnswer({ stop_reason, content }));

const failed = (slug: string, change: Partial<Message> = {}) =>
  anAnswer({ status: 'failed', error: { type: `/problems/${slug}` }, content: [], ...change });

describe('explainEnding', () => {
  it.each(['end_turn', 'stop_sequence', 'tool_use', null])('has nothing to say of %s', (reason) => {
    expect(stopped(reason)).toBeNull();
  });

  it.each([
    ['max_tokens', 'length', 'calm', 'again'],
    ['model_context_window_exceeded', 'window', 'calm', 'newChat'],
    ['content_filtered', 'filtered', 'declined', 'edit'],
    ['guardrail_intervened', 'guardrail', 'declined', 'edit'],
    ['refusal', 'refusal', 'declined', 'edit'],
    ['malformed_model_output', 'output', 'failed', 'retry'],
    ['malformed_tool_use', 'toolUse', 'failed', 'retry'],
  ])('has words, a look and one action for %s', (reason, words, tone, action) => {
    expect(stopped(reason)).toEqual({ words: [`ending.${words}`], tone, action });
  });

  it('names an unknown reason, and never at length', () => {
    expect(stopped('pause_turn')).toMatchObject({ reason: 'pause turn', tone: 'calm' });
    expect(stopped('x'.repeat(5000))?.reason).toHaveLength(60);
  });

  it.each(['running', 'cancelled'] as const)('says nothing of an answer that is %s', (state) => {
    expect(explainEnding({ ...anAnswer({ stop_reason: 'refusal' }), state })).toBeNull();
  });

  const empty = { words: ['problem.emptyAnswer'], tone: 'failed', action: 'retry' };
  const blanks: [string, Message['content']][] = [
    ['nothing', []],
    ['line breaks', [{ type: 'text', text: '\n\n \u3000\u200b' }]],
    ['a tool without a word after it', tool],
    ['reasoning', [{ type: 'reasoning', text: 'I could say …' }]],
  ];

  it.each(blanks)('takes %s for no answer, however it is stored', (_, content) => {
    expect(stopped('end_turn', content)).toEqual(empty);
    expect(explainEnding(failed('empty-answer', { content }))).toEqual(empty);
  });

  it('gives the reason of an empty answer if it is an unusual one', () => {
    const of = (stop_reason: string) => explainEnding(failed('empty-answer', { stop_reason }));
    expect(of('end_turn')).toEqual(empty);
    expect(of('max_tokens')).toEqual({
      ...empty,
      words: ['problem.emptyAnswer', 'ending.length'],
    });
    expect(of('refusal')).toMatchObject({ words: ['ending.refusal'], action: 'edit' });
    expect(stopped('max_tokens', [])).toEqual(of('max_tokens'));
  });

  it('explains a failure by its problem', () => {
    expect(explainEnding(failed('model-throttled'))).toMatchObject({
      words: ['problem.throttled'],
      action: 'retry',
    });
  });
});

describe('a refused question', () => {
  it('is known by the problem of its answer', () => {
    expect(refusalOf(failed('context-too-long'))).toBe('tooLong');
    expect(refusalOf(failed('model-refused-request'))).toBe('refused');
    expect(refusalOf(failed('model-throttled'))).toBeNull();
    expect(refusalOf(anAnswer({}))).toBeNull();
  });

  it.each([said, tool])('is not known once the model has said or done something', (content) => {
    const answer = failed('context-too-long', { content: [content].flat() });
    expect(refusalOf(answer)).toBeNull();
    expect(explainEnding(answer)).toMatchObject({
      words: ['problem.contextTooLong'],
      action: 'newChat',
    });
  });

  it('can be answered with another model', () => {
    expect(explainEnding(failed('context-too-long'))).toMatchObject({
      words: ['problem.messageTooLong'],
      action: 'chooseModel',
    });
    expect(explainEnding(failed('model-refused-request'))?.action).toBe('chooseModel');
  });
});

it.each([
  ['a', true],
  ['안', true],
  ['7', true],
  ['👍', true],
  ['—', true],
  ['', false],
  [' \n\t\u00a0\u2028', false],
  ['\u200b\ufeff\u0000', false],
])('%j has words: %s', (text, expected) => expect(hasWords(text)).toBe(expected));
