// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import {
  addOutgoing,
  belongsTo,
  changeOutgoing,
  loadOutbox,
  removeOutgoing,
  useOutbox,
} from './outbox';

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
    loadOutbox('u1', NOW);
  });

  const reopen = (now: number) => {
    useOutbox.setState({ owner: null, items: [] });
    return loadOutbox('u1', now);
  };

  it('sends a message again with the same key after a reload', () => {
    const { messageKey, conversationKey } = addOutgoing(MESSAGE, NOW);
    expect(reopen(NOW + 1000)).toMatchObject([{ text: 'hello', messageKey, conversationKey }]);
  });

  it('keeps an old message and asks before it sends it', () => {
    addOutgoing(MESSAGE, NOW);
    expect(reopen(NOW + 3_600_000)).toEqual([]);
    expect(useOutbox.getState().items).toMatchObject([{ text: 'hello', state: 'failed' }]);
  });

  it('keeps a failed message until the person decides', () => {
    const { id } = addOutgoing(MESSAGE, NOW);
    changeOutgoing(id, { state: 'failed', error: { type: '/problems/network' } });
    expect(reopen(NOW)).toEqual([]);
    expect(useOutbox.getState().items).toMatchObject([{ error: { type: '/problems/network' } }]);
    removeOutgoing(id);
    expect(localStorage).toHaveLength(0);
  });

  it('gives each message its own keys', () => {
    expect(addOutgoing(MESSAGE, NOW).messageKey).not.toBe(addOutgoing(MESSAGE, NOW).messageKey);
  });

  it('shows a first message on the page of the new chat until its conversation exists', () => {
    const item = addOutgoing({ ...MESSAGE, conversationId: null }, NOW);
    expect(belongsTo(item, null)).toBe(true);
    const made = { ...item, conversationId: 'conv_9' };
    expect(belongsTo(made, null)).toBe(true);
    expect(belongsTo(made, 'conv_9')).toBe(true);
    expect(belongsTo({ ...made, state: 'failed' }, null)).toBe(false);
  });
});
