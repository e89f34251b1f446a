// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { changeOutgoing, openOutbox, post, standsOn, takeOut, useOutbox } from './outbox';

const MESSAGE = {
  conversationId: 'conv_1',
  parentId: null,
  text: 'hello',
  model: null,
  reasoning: false,
  tools: [],
};
const NOW = 1_000_000_000;

describe('the outbox', () => {
  beforeEach(() => {
    openOutbox('u1', NOW);
  });

  const reopen = (now: number) => {
    useOutbox.setState({ owner: null, items: [] });
    return openOutbox('u1', now);
  };

  it('sends what a reload interrupted again, with the same key', () => {
    const { messageKey, conversationKey } = post(MESSAGE, NOW);
    expect(reopen(NOW + 1000)).toMatchObject([{ text: 'hello', messageKey, conversationKey }]);
  });

  it('asks before it sends what is old, and keeps it', () => {
    post(MESSAGE, NOW);
    expect(reopen(NOW + 3_600_000)).toEqual([]);
    expect(useOutbox.getState().items).toMatchObject([{ text: 'hello', state: 'failed' }]);
  });

  it('keeps what failed until the person decides', () => {
    const { id } = post(MESSAGE, NOW);
    changeOutgoing(id, { state: 'failed', error: { type: '/problems/network' } });
    expect(reopen(NOW)).toEqual([]);
    expect(useOutbox.getState().items).toMatchObject([{ error: { type: '/problems/network' } }]);
    takeOut(id);
    expect(localStorage).toHaveLength(0);
  });

  it('gives each message keys of its own', () => {
    expect(post(MESSAGE, NOW).messageKey).not.toBe(post(MESSAGE, NOW).messageKey);
  });

  it('shows a first message on the new page until its conversation is there', () => {
    const item = post({ ...MESSAGE, conversationId: null }, NOW);
    expect(standsOn(item, null)).toBe(true);
    const made = { ...item, conversationId: 'conv_9' };
    expect(standsOn(made, null)).toBe(true);
    expect(standsOn(made, 'conv_9')).toBe(true);
    expect(standsOn({ ...made, state: 'failed' }, null)).toBe(false);
  });
});
