// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keys, queryClient } from '@/api/queries';
import type { Message } from '@/api/types';
import { changeLanguage } from '@/i18n';
import { violationsIn } from '@/test/axe';
import { stubBrowser } from '@/test/browser';
import { aMessage, aModel } from '@/test/samples';
import { TooltipProvider } from '@/ui/Tooltip';
import { type AnswerEntry, fromMessage } from '../entries';
import { Answer } from './Answer';

stubBrowser();

const calls = { regenerate: vi.fn(), newChat: vi.fn(), edit: vi.fn() };

beforeEach(() => {
  queryClient.setQueryData(keys.models, [
    aModel({ id: 'small', name: 'Small' }),
    aModel({ id: 'large', name: 'Large' }),
  ]);
});

afterEach(() => {
  queryClient.clear();
  vi.clearAllMocks();
});

function show(change: Partial<Message>, live: Partial<AnswerEntry> = {}, canEdit = true) {
  const message = aMessage({ id: 'msg_2', parent_id: 'msg_1', role: 'assistant', ...change });
  return render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <main>
          <Answer
            answer={{ ...(fromMessage(message) as AnswerEntry), ...live }}
            siblings={['msg_2']}
            index={0}
            isLast
            modelName="Small"
            onChoose={() => undefined}
            onRegenerate={calls.regenerate}
            onNewChat={calls.newChat}
            onEdit={canEdit ? calls.edit : null}
          />
        </main>
      </TooltipProvider>
    </QueryClientProvider>,
  ).container;
}

const failed = (slug: string): Partial<Message> => ({
  status: 'failed',
  content: [],
  model: 'small',
  error: { type: `/problems/${slug}` },
});

const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

describe('the end of an answer', () => {
  it('is silent when the model simply ended', () => {
    const container = show({ stop_reason: 'end_turn' });
    expect(container.querySelectorAll('p')).toHaveLength(1);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it.each([
    ['max_tokens', /length limit/],
    ['model_context_window_exceeded', /window is full/],
    ['refusal', /declined to answer/],
    ['malformed_model_output', /damaged/],
    ['pause_turn', /another reason: pause turn\./],
  ])('keeps the text of %s and says why it ended', async (stop_reason, words) => {
    const container = show({ stop_reason });
    expect(await screen.findByText('hello')).toBeTruthy();
    expect(screen.getByText(words)).toBeTruthy();
    expect(await violationsIn(container)).toEqual([]);
  });

  it('offers the one sensible action', async () => {
    show({ stop_reason: 'guardrail_intervened' });
    await press('Edit the message');
    expect(calls.edit).toHaveBeenCalledWith('msg_1');
    cleanup();
    show({ stop_reason: 'model_context_window_exceeded' });
    await press('Start a new chat');
    expect(calls.newChat).toHaveBeenCalled();
    cleanup();
    show({ stop_reason: 'malformed_tool_use' });
    await press('Try again');
    expect(calls.regenerate).toHaveBeenCalledWith('msg_1');
  });

  it('offers no editing while another answer is written', () => {
    show({ stop_reason: 'refusal' }, {}, false);
    expect(screen.queryByRole('button', { name: 'Edit the message' })).toBeNull();
  });

  it('answers a refused message with another model', async () => {
    const container = show(failed('model-refused-request'));
    expect(screen.getByRole('alert').textContent).toContain('did not accept');
    expect(await violationsIn(container)).toEqual([]);
    await press('Answer with another model');
    expect(screen.queryByRole('menuitem', { name: /Small/ })).toBeNull();
    await userEvent.click(screen.getByRole('menuitem', { name: /Large/ }));
    expect(calls.regenerate).toHaveBeenCalledWith(
      'msg_1',
      expect.objectContaining({ id: 'large' }),
    );
  });

  it('offers no other model if there is none', () => {
    queryClient.setQueryData(keys.models, [aModel({ id: 'small' })]);
    show(failed('context-too-long'));
    expect(screen.getByText('This message is too long for the model.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: /another model/ })).toBeNull();
  });

  it.each([
    failed('empty-answer'),
    { content: [{ type: 'text' as const, text: '\n\n' }], stop_reason: 'end_turn' },
  ])('never leaves an answer without content', async (change) => {
    const container = show(change);
    expect(screen.getByRole('alert').textContent).toContain('ended without an answer');
    expect(screen.queryByRole('button', { name: 'Copy answer' })).toBeNull();
    expect(await violationsIn(container)).toEqual([]);
    await press('Try again');
    expect(calls.regenerate).toHaveBeenCalledWith('msg_1');
  });

  it('shows that it works as long as only blank text has come', () => {
    show({}, { state: 'running', parts: [{ kind: 'text', text: '\n' }] });
    expect(screen.getByText('Answering…')).toBeTruthy();
  });

  it('speaks Korean', async () => {
    await changeLanguage('ko');
    try {
      show({ stop_reason: 'max_tokens', narrowed: 'alone' });
      expect(screen.getByText(/길이 한도에 도달해/)).toBeTruthy();
      expect(screen.getByText(/이 메시지만 보냈습니다/)).toBeTruthy();
    } finally {
      await changeLanguage('en');
    }
  });
});

describe('a narrowed answer', () => {
  it.each([
    ['shorter', /Older messages were left out/],
    ['plain', /the text only/],
    ['alone', /Only this message was sent/],
  ] as const)('says what was left out for %s', async (narrowed, words) => {
    const container = show({ narrowed });
    expect(screen.getByText(words)).toBeTruthy();
    expect(await violationsIn(container)).toEqual([]);
  });

  it('says nothing if it failed without a word', () => {
    show({ ...failed('model-throttled'), narrowed: 'alone' });
    expect(screen.queryByText(/Only this message/)).toBeNull();
  });
});
