// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter, Route, Routes } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { queryClient } from '@/api/queries';
import { signOut, startSession } from '@/auth/session';
import { useSettings } from '@/settings/store';
import { FakeBackend } from '@/test/backend';
import { stubBrowser } from '@/test/browser';
import { aConversation, aMessage, aModel } from '@/test/samples';
import { completed, delta, started } from '@/test/streams';
import { tokenFor } from '@/test/tokens';
import { TooltipProvider } from '@/ui/Tooltip';
import { ChatPage } from './ChatPage';
import { loadOutbox, useOutbox } from './outbox';
import { ATTEMPTS } from './stream/retry';

let backend: FakeBackend;
let rest = () => {};

function open(path: string) {
  return render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <MemoryRouter initialEntries={[path]}>
          <Routes>
            <Route path="/" element={<ChatPage />} />
            <Route path="/c/:conversationId" element={<ChatPage />} />
          </Routes>
        </MemoryRouter>
      </TooltipProvider>
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
  useSettings.setState({ tools: false });
  vi.stubGlobal('fetch', backend.fetch);
  startSession({ idToken: tokenFor({ exp: Date.now() / 1000 + 1800 }), refreshToken: null });
  loadOutbox('u1', Date.now());
});

/** The network comes back again and again, so that no test waits. */
function hurry(): void {
  const timer = setInterval(() => dispatchEvent(new Event('online')), 5);
  rest = () => clearInterval(timer);
}

afterEach(() => {
  rest();
  cleanup();
  signOut();
});

describe('the chat', () => {
  it('shows a sent message at once, then the growing answer, then its price', async () => {
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
    act(() => backend.emit(delta('!'), usage, completed));
    expect(await screen.findByText('1,200 tokens · $0.006')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Send message' })).toBeTruthy();
  });

  it('continues an answer that an earlier visit started', async () => {
    backend.conversation = aConversation({ last_message_id: 'msg_1', running_turns: ['turn_1'] });
    backend.messages = [aMessage()];
    open('/c/conv_1');
    expect(await screen.findByText('world')).toBeTruthy();
    expect(backend.asked.some(({ path }) => path === '/turns/turn_1/events')).toBe(true);
  });

  it('keeps a message that could not be sent, and sends it again under the same key', async () => {
    backend.unreachable = ATTEMPTS;
    hurry();
    open('/c/conv_1');
    const user = await write('Important');
    const retry = await screen.findByRole('button', { name: 'Try again' });
    expect(screen.getByText(/Not sent/)).toBeTruthy();
    expect(localStorage.getItem('colloquy.mine.u1.outbox')).toContain('Important');
    await user.click(retry);
    expect(await screen.findByText('world')).toBeTruthy();
    expect(new Set(backend.sends().map(({ key }) => key)).size).toBe(1);
    expect(screen.getAllByText('Important')).toHaveLength(1);
    expect(useOutbox.getState().items).toEqual([]);
  });

  it('sends a message again after a broken connection, and shows it once', async () => {
    backend.unreachable = 2;
    hurry();
    open('/');
    await write('Once only');
    expect(await screen.findByText('world')).toBeTruthy();
    expect(screen.queryByText(/Not sent/)).toBeNull();
    expect(new Set(backend.sends().map(({ key }) => key)).size).toBe(1);
    expect(screen.getAllByText('Once only')).toHaveLength(1);
  });

  it('shows why it waits at the limit of running answers', async () => {
    backend.refusals = [429, 429];
    open('/c/conv_1');
    const user = await write('One more');
    const waiting = /starts when one of them has ended/;
    expect(await screen.findByText(waiting, {}, { timeout: 3000 })).toBeTruthy();
    hurry();
    expect(await screen.findByText('world')).toBeTruthy();
    expect(screen.queryByText(waiting)).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Stop answering' }));
  });

  it('lets a message be discarded while it waits at the limit', async () => {
    backend.refusals = [429, 429, 429];
    open('/c/conv_1');
    const user = await write('Never mind');
    const back = { name: 'Back to the draft' };
    await user.click(await screen.findByRole('button', back, { timeout: 3000 }));
    expect(screen.getByRole('textbox', { name: 'Message' })).toHaveProperty('value', 'Never mind');
    const before = backend.sends().length;
    hurry();
    await waitFor(() => expect(screen.queryByText('Sending…')).toBeNull());
    expect(backend.sends()).toHaveLength(before);
  });

  it('reports a broken stream only if that lasts', async () => {
    open('/c/conv_1');
    await write('Hi');
    await screen.findByText('world');
    backend.away = true;
    act(() => backend.breakStreams());
    expect(screen.queryByText(/Reconnecting/)).toBeNull();
    expect(await screen.findByText(/Reconnecting/, {}, { timeout: 3000 })).toBeTruthy();
    backend.away = false;
    hurry();
    act(() => backend.emit(delta(' again'), completed));
    expect((await screen.findAllByText(/again/)).length).toBeGreaterThan(0);
    expect(screen.queryByText(/Reconnecting/)).toBeNull();
    expect(screen.getAllByText('world')).toHaveLength(1);
  });

  it('sends the tools that are switched on, stores the choice, and shows their results', async () => {
    backend.model = aModel({ capabilities: { ...aModel().capabilities, tools: true } });
    const call = { call_id: 'call_1', name: 'calculator', input: { expression: '6*7' } };
    const written = { index: 0, name: 'calculator', text: '{"expr' };
    backend.log = [started(), { event: 'tool.delta', data: written }];
    open('/c/conv_1');
    await userEvent.click(await screen.findByRole('button', { name: 'Use tools (calculator)' }));
    await write('What is it?');
    expect((await screen.findAllByText('Preparing calculator…')).length).toBeGreaterThan(0);
    expect(screen.getAllByText('{"expr').length).toBeGreaterThan(0);
    act(() => backend.emit({ event: 'tool.call', data: call }));
    expect((await screen.findAllByText('Using calculator…')).length).toBeGreaterThan(0);
    expect(screen.getByText('6*7')).toBeTruthy();
    expect(backend.sends()[0]?.body).toMatchObject({ tools: ['calculator'] });
    const result = { call_id: 'call_1', status: 'success', output: { value: '42' }, took_ms: 12 };
    act(() => backend.emit({ event: 'tool.result', data: result }, delta('It is 42.'), completed));
    expect(await screen.findByText('Used calculator')).toBeTruthy();
    expect(screen.getByLabelText('Result').textContent).toContain('42');
    expect(useSettings.getState().tools).toBe(true);
  });

  it('shows at once that a model thinks, says so once, and then for how long', async () => {
    backend.model = aModel({ capabilities: { ...aModel().capabilities, reasoning: 'adaptive' } });
    backend.log = [started()];
    open('/c/conv_1');
    await userEvent.click(await screen.findByRole('button', { name: 'Think longer' }));
    await write('How many legs?');
    await waitFor(() => expect(screen.getAllByText('Thinking…')).toHaveLength(2));
    expect(backend.sends()[0]?.body).toMatchObject({ reasoning: true });
    const thought = { event: 'reasoning.delta', data: { text: 'Spiders have eight.' } };
    act(() => backend.emit(thought));
    await userEvent.click(await screen.findByText('Thinking…', { selector: 'summary *' }));
    expect(await screen.findByText('Spiders have eight.')).toBeTruthy();
    act(() => backend.emit(delta('Eight.'), completed));
    expect(await screen.findByText('Eight.', { selector: 'article *' })).toBeTruthy();
    expect(screen.queryByText('Thinking…')).toBeNull();
    expect(screen.getByText(/^Thought/)).toBeTruthy();
  });

  it('offers and sends no tools for a model that cannot use them', async () => {
    useSettings.setState({ tools: true });
    open('/c/conv_1');
    await write('Hi');
    await screen.findByText('world');
    expect(screen.queryByRole('button', { name: /Use tools/ })).toBeNull();
    expect(backend.sends()[0]?.body).not.toHaveProperty('tools');
  });

  it('sends a trace header with every request', async () => {
    open('/c/conv_1');
    await write('Hi');
    await screen.findByText('world');
    const traces = backend.asked.map(({ trace }) => trace);
    expect(traces.every((trace) => /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(trace))).toBe(true);
    expect(new Set(traces).size).toBe(traces.length);
  });

  it('waits for a running answer instead of offering another', async () => {
    backend.conversation = aConversation({ last_message_id: 'msg_1', running_turns: ['turn_1'] });
    backend.messages = [aMessage()];
    backend.away = true;
    open('/c/conv_1');
    await screen.findByText('hello');
    expect(screen.queryByText(/no answer yet/)).toBeNull();
    backend.away = false;
    hurry();
    expect(await screen.findByText('world')).toBeTruthy();
  });

  it('moves a message that was not sent back to the draft', async () => {
    backend.unreachable = ATTEMPTS;
    hurry();
    open('/c/conv_1');
    const user = await write('Rather not');
    await user.click(
      await screen.findByRole('button', { name: 'Back to the draft' }, { timeout: 4000 }),
    );
    expect(screen.getByRole('textbox', { name: 'Message' })).toHaveProperty('value', 'Rather not');
  });

  it('has a stop button in place of send, and keeps the text of a stopped answer', async () => {
    open('/c/conv_1');
    const user = await write('Hi');
    await screen.findByText('world');
    await user.click(screen.getByRole('button', { name: 'Stop answering' }));
    expect(await screen.findByText('Stopped')).toBeTruthy();
    expect(backend.cancelled).toBe(true);
    expect(screen.getByText('world')).toBeTruthy();
  });

  it('shows one sentence about why a turn failed, and can repeat it', async () => {
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

  it('switches between versions of a message', async () => {
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

  it('sends an edited message with the same parent', async () => {
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
    await screen.findByText('world');
  });

  const refused = aMessage({
    id: 'msg_2',
    parent_id: 'msg_1',
    role: 'assistant',
    content: [],
    status: 'failed',
    error: { type: '/problems/context-too-long', status: 422 },
  });

  it('marks a refused message, and sends an edited one in its place', async () => {
    backend.conversation = aConversation({ last_message_id: 'msg_2' });
    backend.messages = [aMessage(), refused];
    open('/c/conv_1');
    expect(await screen.findByText('Not sent again: too long')).toBeTruthy();
    expect(screen.getByText('This message is too long for the model.')).toBeTruthy();
    const edit = screen.getByRole('button', { name: 'Edit' });
    await userEvent.click(edit);
    await userEvent.keyboard('{Escape}');
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Edit' }));
    await userEvent.keyboard('{Enter}');
    const field = screen.getByRole('textbox', { name: 'Edit your message' });
    await userEvent.clear(field);
    await userEvent.type(field, 'shorter{Enter}');
    await waitFor(() => expect(backend.sends()).toHaveLength(1));
    expect(backend.sends()[0]?.body).toMatchObject({
      content: [{ type: 'text', text: 'shorter' }],
      parent_id: null,
    });
    await screen.findByText('world');
  });

  it('takes the mark away when the same message is answered', async () => {
    backend.conversation = aConversation({ last_message_id: 'msg_3' });
    const answer = aMessage({ id: 'msg_3', parent_id: 'msg_1', role: 'assistant' });
    backend.messages = [aMessage({ content: [{ type: 'text', text: 'long' }] }), refused, answer];
    open('/c/conv_1');
    await screen.findByText('hello');
    expect(screen.queryByText(/Not sent again/)).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Previous version' }));
    expect(await screen.findByText(/Not sent again/)).toBeTruthy();
  });

  it('opens the editor of the message that a guardrail declined', async () => {
    const blocked = { message_id: 'msg_2', stop_reason: 'guardrail_intervened' };
    backend.log = [started(), delta('Sorry, no.'), { event: 'turn.completed', data: blocked }];
    open('/c/conv_1');
    const user = await write('Something odd');
    expect(await screen.findAllByText('A guardrail declined this request.')).toHaveLength(2);
    await user.click(screen.getByRole('button', { name: 'Edit the message' }));
    const field = screen.getByRole('textbox', { name: 'Edit your message' });
    expect(field).toHaveProperty('value', 'Something odd');
    expect(document.activeElement).toBe(field);
  });

  it('says while the answer is written that it was asked with less', async () => {
    backend.log = [
      started(),
      { event: 'turn.narrowed', data: { level: 'shorter' } },
      delta('Short memory.'),
    ];
    open('/c/conv_1');
    await write('Hi');
    expect(await screen.findByText(/Older messages were left out/)).toBeTruthy();
    expect(await screen.findByText('Short memory.', { selector: 'article *' })).toBeTruthy();
    act(() => backend.emit(completed));
    await screen.findByRole('button', { name: 'Send message' });
    expect(screen.getByText(/Older messages were left out/)).toBeTruthy();
  });

  it('shows an empty answer as a failure that can be repeated', async () => {
    const error = { type: '/problems/empty-answer', status: 502, retryable: true };
    backend.log = [started(), delta('\n\n'), { event: 'turn.failed', data: error }];
    open('/c/conv_1');
    const user = await write('Hi');
    expect(await screen.findByText('The model ended without an answer.')).toBeTruthy();
    backend.log = [started({ turn_id: 'turn_2', message_id: 'msg_3' }), delta('Hello'), completed];
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Hello', { selector: 'article *' })).toBeTruthy();
  });

  it('does not send on Enter while an input method composes a character', async () => {
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

  it('shows that a conversation does not exist', async () => {
    open('/c/conv_404');
    expect(await screen.findByText(/does not exist/)).toBeTruthy();
  });
});
