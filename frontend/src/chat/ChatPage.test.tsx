// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter, Route, Routes } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { queryClient } from '@/api/queries';
import { enter, signOut } from '@/auth/session';
import { FakeBackend } from '@/test/backend';
import { stubBrowser } from '@/test/browser';
import { completed, delta, started } from '@/test/streams';
import { aConversation, aMessage } from '@/test/things';
import { tokenFor } from '@/test/tokens';
import { TipProvider } from '@/ui/Tip';
import { ChatPage } from './ChatPage';
import { openOutbox, useOutbox } from './outbox';

let backend: FakeBackend;

function open(path: string) {
  return render(
    <QueryClientProvider client={queryClient}>
      <TipProvider>
        <MemoryRouter initialEntries={[path]}>
          <Routes>
            <Route path="/" element={<ChatPage />} />
            <Route path="/c/:conversationId" element={<ChatPage />} />
          </Routes>
        </MemoryRouter>
      </TipProvider>
    </QueryClientProvider>,
  );
}

const write = async (text: string) => {
  const user = userEvent.setup();
  await user.type(await screen.findByRole('textbox', { name: 'Message' }), `${text}{Enter}`);
  return user;
};

stubBrowser();

beforeEach(() => {
  backend = new FakeBackend();
  vi.stubGlobal('fetch', backend.fetch);
  enter({ idToken: tokenFor({ exp: Date.now() / 1000 + 1800 }), refreshToken: null });
  openOutbox('u1', Date.now());
});

afterEach(() => {
  cleanup();
  signOut();
});

describe('the chat', () => {
  it('shows what was sent at once, then the answer as it grows, then its price', async () => {
    open('/c/conv_1');
    await write('Hi there');
    expect(screen.getByText('Hi there')).toBeTruthy();
    expect((await screen.findByText('world')).tagName).toBe('STRONG');
    expect(screen.getByRole('button', { name: 'Stop answering' })).toBeTruthy();
    const usage = {
      event: 'usage',
      data: {
        input_tokens: 1000,
        output_tokens: 200,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
        cost_nano_usd: 6_000_000,
        basis: 'reported',
      },
    };
    act(() => backend.say(delta('!'), usage, completed));
    expect(await screen.findByText('1,200 tokens · $0.006')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Send message' })).toBeTruthy();
  });

  it('takes up an answer that another visit began', async () => {
    backend.conversation = aConversation({ last_message_id: 'msg_1', running_turns: ['turn_1'] });
    backend.messages = [aMessage()];
    open('/c/conv_1');
    expect(await screen.findByText('world')).toBeTruthy();
    expect(backend.asked.some(({ path }) => path === '/turns/turn_1/events')).toBe(true);
  });

  it('keeps a message that could not be sent, and sends it again under the same key', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    backend.unreachable = 3;
    open('/c/conv_1');
    const user = await write('Important');
    const retry = await screen.findByRole('button', { name: 'Try again' }, { timeout: 4000 });
    expect(screen.getByText(/Not sent/)).toBeTruthy();
    expect(localStorage.getItem('colloquy.mine.u1.outbox')).toContain('Important');
    await user.click(retry);
    expect(await screen.findByText('world')).toBeTruthy();
    expect(new Set(backend.sends().map(({ key }) => key)).size).toBe(1);
    expect(screen.getAllByText('Important')).toHaveLength(1);
    expect(useOutbox.getState().items).toEqual([]);
  });

  it('gives a message that was not sent back to the draft', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    backend.unreachable = 3;
    open('/c/conv_1');
    const user = await write('Rather not');
    await user.click(
      await screen.findByRole('button', { name: 'Back to the draft' }, { timeout: 4000 }),
    );
    expect(screen.getByRole('textbox', { name: 'Message' })).toHaveProperty('value', 'Rather not');
  });

  it('stops where send was, and keeps what was said', async () => {
    open('/c/conv_1');
    const user = await write('Hi');
    await screen.findByText('world');
    await user.click(screen.getByRole('button', { name: 'Stop answering' }));
    expect(await screen.findByText('Stopped')).toBeTruthy();
    expect(backend.cancelled).toBe(true);
    expect(screen.getByText('world')).toBeTruthy();
  });

  it('says in a sentence why a turn failed, and asks for the same message again', async () => {
    const error = { type: '/problems/model-throttled', status: 429, retryable: true };
    backend.log = [started(), { event: 'turn.failed', data: error }];
    open('/c/conv_1');
    const user = await write('Hi');
    expect(await screen.findByText('The model is busy right now.')).toBeTruthy();
    backend.log = [
      started({ turn_id: 'turn_2', message_id: 'msg_3' }),
      delta('Better now'),
      completed,
    ];
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Better now', { selector: 'article *' })).toBeTruthy();
    expect(backend.sends()).toHaveLength(1);
    expect(await screen.findByText('2/2')).toBeTruthy();
  });

  it('turns between versions of a message', async () => {
    backend.conversation = aConversation({ last_message_id: 'msg_3' });
    const answer = (id: string, text: string) =>
      aMessage({ id, parent_id: 'msg_1', role: 'assistant', content: [{ type: 'text', text }] });
    backend.messages = [aMessage(), answer('msg_2', 'First try'), answer('msg_3', 'Second try')];
    open('/c/conv_1');
    expect(await screen.findByText('Second try')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Previous version' }));
    expect(await screen.findByText('First try')).toBeTruthy();
    expect(screen.queryByText('Second try')).toBeNull();
  });

  it('asks anew from the same place when a message is edited', async () => {
    backend.conversation = aConversation({ last_message_id: 'msg_1' });
    backend.messages = [aMessage()];
    open('/c/conv_1');
    await userEvent.click(await screen.findByRole('button', { name: 'Edit' }));
    await userEvent.type(
      screen.getByRole('textbox', { name: 'Edit your message' }),
      ' again{Enter}',
    );
    await waitFor(() => expect(backend.sends()).toHaveLength(1));
    expect(backend.sends()[0]?.body).toMatchObject({
      content: [{ type: 'text', text: 'hello again' }],
      parent_id: null,
    });
  });

  it('leaves Enter to the input method while a syllable is being composed', async () => {
    open('/c/conv_1');
    const area = await screen.findByRole('textbox', { name: 'Message' });
    await userEvent.type(area, '안녕');
    const composing = new KeyboardEvent('keydown', {
      key: 'Enter',
      isComposing: true,
      bubbles: true,
    });
    act(() => void area.dispatchEvent(composing));
    expect(backend.sends()).toHaveLength(0);
  });

  it('says when a conversation is not there', async () => {
    open('/c/conv_404');
    expect(await screen.findByText(/does not exist/)).toBeTruthy();
  });
});
