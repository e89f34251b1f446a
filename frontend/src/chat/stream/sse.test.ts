import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inPieces, responseOf } from '@/test/streams';
import { readEvents, type SseEvent, SseParser, StreamSilent } from './sse';

const STREAM = [
  ': keep-alive\n\n',
  'id: 1\nevent: turn.started\ndata: {"a":1}\n\n',
  'id: 2\r\nevent: message.delta\r\ndata: {"text":"안녕 👋"}\r\n\r\n',
  'id: 3\revent: message.delta\rdata: first\rdata: second\r\r',
  'retry: 10\ndata\n\n',
].join('');

const EVENTS: SseEvent[] = [
  { id: '1', event: 'turn.started', data: '{"a":1}' },
  { id: '2', event: 'message.delta', data: '{"text":"안녕 👋"}' },
  { id: '3', event: 'message.delta', data: 'first\nsecond' },
  { id: null, event: 'message', data: '' },
];

async function collect(response: Response): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  for await (const event of readEvents(response)) events.push(event);
  return events;
}

describe('SseParser', () => {
  it('reads ids, names, data of several lines and all three line ends', () => {
    expect(new SseParser().push(STREAM)).toEqual(EVENTS);
  });

  it('skips a byte order mark, comments and events without data', () => {
    expect(new SseParser().push('\uFEFF:hello\nid: 9\n\ndata:x\n\n')).toEqual([
      { id: null, event: 'message', data: 'x' },
    ]);
  });

  it('ends no line at the other line separators of Unicode', () => {
    const data = '{"text":"a\u2028b\u2029c\u0085d\u000be"}';
    const events = new SseParser().push(`event: message.delta\ndata: ${data}\n\n`);
    expect(events).toEqual([{ id: null, event: 'message.delta', data }]);
  });

  it('ignores an event that was cut off before its blank line', () => {
    expect(new SseParser().push('id: 1\ndata: half')).toEqual([]);
  });
});

describe('readEvents', () => {
  const bytes = new TextEncoder().encode(STREAM);

  it('returns the same events for one cut anywhere, also within a character or a line end', async () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(await collect(responseOf([bytes.slice(0, cut), bytes.slice(cut)]))).toEqual(EVENTS);
    }
  });

  it('returns the same events for any cuts', async () => {
    const cuts = fc.array(fc.nat(bytes.length), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        expect(await collect(responseOf(inPieces(bytes, at)))).toEqual(EVENTS);
      }),
      { numRuns: 60 },
    );
  });

  it('ends with the stream and passes on its error', async () => {
    const broken = new Response(
      new ReadableStream({ start: (controller) => controller.error(new TypeError('reset')) }),
    );
    await expect(collect(broken)).rejects.toThrow('reset');
  });

  it('gives up a connection without any data', async () => {
    const silent = new Response(new ReadableStream());
    await expect(readEvents(silent, 5).next()).rejects.toBeInstanceOf(StreamSilent);
  });
});
