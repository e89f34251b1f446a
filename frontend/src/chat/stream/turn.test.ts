import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completed, delta, type SseFrame, started } from '@/test/streams';
import type { Frame } from './frames';
import { acceptFrame, type Outcome, type TurnView } from './turn';

const frame = (said: SseFrame, id: number | null): Frame =>
  ({ id: id === null ? null : `${id}`, name: said.event, data: said.data }) as Frame;

const numbered = (said: readonly SseFrame[]) => said.map((each, index) => frame(each, index + 1));

function take(frames: readonly Frame[], view: TurnView | null = null, now = 0) {
  const outcomes: Outcome[] = [];
  let current = view;
  for (const each of frames) {
    const taken = acceptFrame(current, each, now);
    current = taken.view;
    outcomes.push(taken.outcome);
  }
  return { view: current, outcomes };
}

const textOf = (view: TurnView | null) =>
  view?.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');

const STORY = [started(), delta('Once '), delta('upon '), delta('a time'), completed];

describe('acceptFrame', () => {
  it('joins the deltas and ends', () => {
    const { view } = take(numbered(STORY));
    expect(textOf(view)).toBe('Once upon a time');
    expect(view).toMatchObject({ state: 'completed', stopReason: 'end_turn', lastId: '5' });
  });

  it('applies a duplicate frame only once', () => {
    const frames = numbered(STORY);
    const { view, outcomes } = take([...frames.slice(0, 3), ...frames.slice(1)]);
    expect(textOf(view)).toBe('Once upon a time');
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(2);
  });

  it('applies no frame after a gap', () => {
    const frames = numbered(STORY);
    const { view, outcomes } = take([frames[0], frames[1], frames[3]] as Frame[]);
    expect(outcomes.at(-1)).toBe('gap');
    expect(textOf(view)).toBe('Once ');
    expect(view?.lastId).toBe('2');
  });

  it('treats a missing first frame as a gap', () => {
    expect(acceptFrame(null, frame(delta('x'), 4), 0)).toEqual({ view: null, outcome: 'gap' });
  });

  it('has the same text after any replays and losses, once all frames have arrived', () => {
    const frames = numbered(STORY);
    fc.assert(
      fc.property(fc.array(fc.nat(frames.length - 1), { maxLength: 40 }), (order) => {
        const noise = order.map((index) => frames[index] as Frame);
        expect(textOf(take([...noise, ...frames]).view)).toBe('Once upon a time');
      }),
    );
  });

  it('drops the text when the turn is restarted, and keeps it when it is resumed', () => {
    const restarted = { event: 'turn.restarted', data: { attempt: 2, reason: 'takeover' } };
    const resumed = { event: 'turn.resumed', data: { attempt: 2 } };
    const again = (said: SseFrame) =>
      take(numbered([started(), delta('one '), said, delta('two')])).view;
    expect(textOf(again(restarted))).toBe('two');
    expect(textOf(again(resumed))).toBe('one two');
    expect(again(resumed)?.attempt).toBe(2);
  });

  it('drops text and reasoning after the last tool when the turn is restarted', () => {
    const call = (id: string) => ({ event: 'tool.call', data: { call_id: id, name: 'calc' } });
    const result = (id: string) => ({
      event: 'tool.result',
      data: { call_id: id, status: 'success', output: 4, took_ms: 3 },
    });
    const thought = { event: 'reasoning.delta', data: { text: 'hm' } };
    const restarted = { event: 'turn.restarted', data: { attempt: 2, reason: 'runner-lost' } };
    const calls = [call('a'), call('b'), result('b'), result('a')];
    const { view } = take(
      numbered([started(), delta('First '), ...calls, thought, delta('so'), restarted, delta('4')]),
    );
    expect(view?.parts).toMatchObject([
      { kind: 'text', text: 'First ' },
      { kind: 'tool', callId: 'a', state: 'done' },
      { kind: 'tool', callId: 'b', state: 'done' },
      { kind: 'text', text: '4' },
    ]);
  });

  it('keeps the order of reasoning, tool and text, and measures the reasoning', () => {
    const thought = { event: 'reasoning.delta', data: { text: 'hm' } };
    const call = { event: 'tool.call', data: { call_id: 'c', name: 'search', input: { q: 1 } } };
    const result = {
      event: 'tool.result',
      data: { call_id: 'c', status: 'success', output: { n: 2 }, took_ms: 40 },
    };
    const begun = take(numbered([started(), thought]), null, 1000).view;
    const rest = [call, result, delta('so')].map((said, index) => frame(said, index + 3));
    const { view } = take(rest, begun, 3500);
    expect(view?.parts).toMatchObject([
      { kind: 'reasoning', text: 'hm', tookMs: 2500 },
      { kind: 'tool', name: 'search', state: 'done', output: { n: 2 }, tookMs: 40 },
      { kind: 'text', text: 'so' },
    ]);
  });

  const writes = (index: number, text: string, name?: string) => ({
    event: 'tool.delta',
    data: { index, text, ...(name && { name }) },
  });
  const wants = (id: string, name: string) => ({
    event: 'tool.call',
    data: { call_id: id, name, input: { id } },
  });

  it('shows tools while their input is written, and each in its place once it is called', () => {
    const written = [
      writes(0, '', 'search'),
      writes(0, '{"q"'),
      writes(1, '', 'now'),
      writes(0, ':1}'),
    ];
    const prepared = take(numbered([started(), delta('so'), ...written])).view;
    expect(prepared?.parts).toMatchObject([
      { kind: 'text' },
      { kind: 'tool', name: 'search', state: 'preparing', written: '{"q":1}' },
      { kind: 'tool', name: 'now', state: 'preparing', written: '' },
    ]);
    const calls = [wants('a', 'search'), wants('b', 'now')];
    const called = take(numbered([started(), delta('so'), ...written, ...calls])).view;
    expect(called?.parts).toMatchObject([
      { kind: 'text' },
      { kind: 'tool', callId: 'a', state: 'running', written: '', input: { id: 'a' } },
      { kind: 'tool', callId: 'b', state: 'running', written: '' },
    ]);
  });

  it.each([
    { event: 'turn.resumed', data: { attempt: 2 } },
    { event: 'turn.restarted', data: { attempt: 2, reason: 'runner-lost' } },
    { event: 'turn.cancelled', data: { message_id: 'msg_2' } },
  ])('forgets what was being prepared: $event', (broken) => {
    const call = [writes(0, '', 'search'), wants('a', 'search')];
    const result = { event: 'tool.result', data: { call_id: 'a', status: 'success' } };
    const lost = [writes(0, '', 'now'), writes(0, '{"zo')];
    const { view } = take(numbered([started(), ...call, result, ...lost, broken]));
    expect(view?.parts).toMatchObject([{ kind: 'tool', callId: 'a', state: 'done' }]);
  });

  it('marks a tool that failed', () => {
    const call = { event: 'tool.call', data: { call_id: 'c', name: 'search', input: {} } };
    const result = { event: 'tool.result', data: { call_id: 'c', status: 'error', took_ms: 1 } };
    const { view } = take(numbered([started(), call, result]));
    expect(view?.parts).toMatchObject([{ kind: 'tool', state: 'failed' }]);
  });

  it('reads usage, title and the problem of a failed turn', () => {
    const usage = { event: 'usage', data: { input_tokens: 3, output_tokens: 4, cost_nano_usd: 9 } };
    const title = { event: 'conversation.renamed', data: { title: 'A tale' } };
    const failed = {
      event: 'turn.failed',
      data: { type: '/problems/model-throttled', retryable: true },
    };
    const { view } = take(numbered([started(), title, usage, failed]));
    expect(view).toMatchObject({
      state: 'failed',
      title: 'A tale',
      usage: { cost_nano_usd: 9 },
      error: { type: '/problems/model-throttled' },
    });
  });

  const thinking = (text: string) => ({ event: 'reasoning.delta', data: { text } });
  const thinks = () => true;

  /** The view after each frame at its time; a null time means that the frame is replayed. */
  function timed(frames: readonly [SseFrame, number | null][], reasons = thinks) {
    return frames.reduce<TurnView | null>(
      (view, [said, now], index) => acceptFrame(view, frame(said, index + 1), now, reasons).view,
      null,
    );
  }

  it('counts reasoning from the start of the turn if the model was expected to reason', () => {
    const frames: [SseFrame, number][] = [
      [started(), 1000],
      [thinking('hm'), 9000],
      [delta('so'), 13_000],
    ];
    const measured = { kind: 'reasoning', text: 'hm', tookMs: 12_000 };
    expect(timed(frames)?.parts).toMatchObject([measured, { kind: 'text' }]);
    expect(timed(frames, () => false)?.parts).toMatchObject([{ tookMs: 4000 }, { kind: 'text' }]);
  });

  it('takes a long silence before the first word as reasoning, a short one not', () => {
    const afterSilence = (ms: number) =>
      timed([
        [started(), 0],
        [delta('so'), ms],
      ])?.parts;
    expect(afterSilence(8000)).toMatchObject([{ kind: 'reasoning', text: '', tookMs: 8000 }, {}]);
    expect(afterSilence(1200)).toMatchObject([{ kind: 'text', text: 'so' }]);
    const ended = timed([
      [started(), 0],
      [completed, 9000],
    ]);
    expect(ended?.parts).toEqual([]);
  });

  it('does not know how long reasoning took that is replayed', () => {
    const replayed = timed([
      [started(), null],
      [thinking('hm'), null],
      [delta('so'), 5000],
    ]);
    expect(replayed?.parts).toMatchObject([{ kind: 'reasoning', tookMs: null }, {}]);
  });

  const narrowed = (level: string) => ({ event: 'turn.narrowed', data: { level } });

  it('keeps the text and remembers the last level when the request is narrowed', () => {
    const { view } = take(
      numbered([started(), narrowed('shorter'), narrowed('alone'), delta('Hi'), completed]),
    );
    expect(view).toMatchObject({ narrowed: 'alone', state: 'completed' });
    expect(textOf(view)).toBe('Hi');
  });

  it('expects no reasoning of a request without it', () => {
    const levels = ['shorter', 'plain', 'alone'].map(
      (level) =>
        timed([
          [started(), 0],
          [narrowed(level), 1],
        ])?.reasons,
    );
    expect(levels).toEqual([true, false, false]);
  });

  it('accepts frames with unknown names', () => {
    const { view, outcomes } = take(
      numbered([started(), { event: 'unknown', data: { x: 1 } }, delta('on')]),
    );
    expect(outcomes).toEqual(['applied', 'applied', 'applied']);
    expect(textOf(view)).toBe('on');
  });
});
