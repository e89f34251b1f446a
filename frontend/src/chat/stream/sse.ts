export interface SseEvent {
  id: string | null;
  event: string;
  data: string;
}

/**
 * Parses server-sent events, as the HTML standard defines them, from pieces of text cut anywhere.
 * Unlike EventSource, `id` belongs to its own event: only frames of the turn's log carry one.
 */
export class SseParser {
  private buffer = '';
  private started = false;
  private id: string | null = null;
  private event = '';
  private data: string[] = [];

  push(piece: string): SseEvent[] {
    this.buffer += piece;
    if (!this.started && this.buffer.length > 0) {
      this.started = true;
      if (this.buffer.startsWith('\uFEFF')) this.buffer = this.buffer.slice(1);
    }
    const events: SseEvent[] = [];
    for (let line = this.takeLine(); line !== null; line = this.takeLine()) {
      const event = line === '' ? this.dispatch() : this.field(line);
      if (event) events.push(event);
    }
    return events;
  }

  /** The next complete line. A CR at the end is kept back, because its LF may be in the next piece. */
  private takeLine(): string | null {
    const end = this.buffer.search(/[\r\n]/);
    if (end < 0) return null;
    const isCr = this.buffer[end] === '\r';
    if (isCr && end + 1 === this.buffer.length) return null;
    const width = isCr && this.buffer[end + 1] === '\n' ? 2 : 1;
    const line = this.buffer.slice(0, end);
    this.buffer = this.buffer.slice(end + width);
    return line;
  }

  private field(line: string): null {
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'id' && !value.includes('\0')) this.id = value;
    else if (name === 'event') this.event = value;
    else if (name === 'data') this.data.push(value);
    return null;
  }

  private dispatch(): SseEvent | null {
    const { id, event, data } = this;
    this.id = null;
    this.event = '';
    this.data = [];
    return data.length > 0 ? { id, event: event || 'message', data: data.join('\n') } : null;
  }
}

/** No data arrived for longer than the interval of keep-alive comments allows. */
export class StreamSilent extends Error {}

async function readWithin(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  milliseconds: number,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StreamSilent()), milliseconds);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** The events of a response until it ends, breaks or is silent for too long. */
export async function* readEvents(
  response: Response,
  silenceMs = 45_000,
): AsyncGenerator<SseEvent> {
  const reader = (response.body ?? new ReadableStream()).getReader();
  const decoder = new TextDecoder();
  const parser = new SseParser();
  try {
    for (;;) {
      const { done, value } = await readWithin(reader, silenceMs);
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Cancelling a reader after its stream failed rejects with the same error.
    reader.cancel().catch(() => undefined);
  }
}
