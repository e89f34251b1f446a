import type { Conversation, Message, Model, Narrowing } from '@/api/types';
import { aConversation, aMessage, aModel } from './samples';
import { delta, responseOf, type SseFrame, sse, started } from './streams';

interface SeenRequest {
  method: string;
  path: string;
  key: string | null;
  trace: string;
  after: number;
  body: Record<string, unknown>;
}

const json = (body: unknown, status = 200) => Response.json(body, { status });
const page = (items: unknown[]) => json({ items, next_cursor: null });

const isNarrowing = (frame: SseFrame): frame is SseFrame & { data: { level: Narrowing } } =>
  frame.event === 'turn.narrowed';

const stopReasonOf = (last: SseFrame | undefined) =>
  last && 'stop_reason' in last.data ? `${last.data.stop_reason}` : null;

/** A chat service in memory with one conversation and one turn. All readers get the frames of that turn. */
export class FakeBackend {
  readonly asked: SeenRequest[] = [];
  conversation: Conversation = aConversation();
  messages: Message[] = [];
  log: SseFrame[] = [started(), delta('Hello '), delta('**world**')];
  /** How many of the next sends get no response. */
  unreachable = 0;
  /** The statuses with which the next sends are refused. */
  refusals: number[] = [];
  /** Whether requests for the stream of a turn fail. */
  away = false;
  model: Model = aModel();
  cancelled = false;
  private readonly open = new Set<(why: Error) => void>();
  private readonly waiting = new Set<() => void>();

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    const ask: SeenRequest = {
      method: init.method ?? 'GET',
      path: String(input).split('?')[0]?.replace('/api/chat', '') ?? '',
      key: headers.get('Idempotency-Key'),
      trace: headers.get('traceparent') ?? '',
      after: Number(headers.get('Last-Event-ID') ?? 0),
      body: init.body ? (JSON.parse(String(init.body)) as Record<string, unknown>) : {},
    };
    this.asked.push(ask);
    return this.answer(ask);
  };

  sends = () =>
    this.asked.filter(({ method, path }) => method === 'POST' && path.endsWith('/messages'));

  private isOver = () => this.log.at(-1)?.event.match(/turn\.(completed|cancelled|failed)/)?.[1];

  /** The answer is stored with the turn's last frame, as the service does in one transaction. */
  private store(): void {
    const ending = this.isOver();
    const data = this.log[0]?.data as { message_id: string; user_message_id: string };
    if (!ending || this.messages.some(({ id }) => id === data.message_id)) return;
    const textOf = (name: string) =>
      this.log
        .map(({ event, data }) => (event === name && 'text' in data ? data.text : ''))
        .join('');
    const thought = textOf('reasoning.delta');
    const reasoning: Message['content'] = thought ? [{ type: 'reasoning', text: thought }] : [];
    const tools = this.log.flatMap(({ event, data }) =>
      event.startsWith('tool.') ? [{ type: event.replace('.', '_'), ...data }] : [],
    ) as Message['content'];
    const usage = this.log.find(({ event }) => event === 'usage')?.data as Message['usage'];
    this.messages.push(
      aMessage({
        id: data.message_id,
        parent_id: data.user_message_id,
        role: 'assistant',
        content: [...reasoning, ...tools, { type: 'text', text: textOf('message.delta') }],
        status: ending === 'completed' ? 'complete' : (ending as 'failed' | 'cancelled'),
        narrowed: this.log.find(isNarrowing)?.data.level ?? null,
        stop_reason: stopReasonOf(this.log.at(-1)),
        usage: usage ?? null,
        error: ending === 'failed' ? (this.log.at(-1)?.data as Message['error']) : null,
      }),
    );
  }

  /** Adds frames to the turn and sends them to all open streams. */
  emit(...frames: SseFrame[]): void {
    this.log.push(...frames);
    this.store();
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  /** Breaks all open streams. */
  breakStreams(): void {
    for (const end of this.open) end(new TypeError('connection reset'));
    this.open.clear();
    this.waiting.clear();
  }

  private answer({ method, path, after, body }: SeenRequest): Response {
    if (path === '/api/agents/tools') return page([{ name: 'calculator' }]);
    if (path === '/models') return page([this.model]);
    if (path === '/conversations' && method === 'POST') return json(this.conversation, 201);
    if (path === '/conversations') return page([this.conversation]);
    if (path.endsWith('/cancel')) return this.cancel();
    if (path.endsWith('/events')) return this.stream(after);
    if (path.endsWith('/messages') && method === 'GET') return page([...this.messages].reverse());
    if (path.endsWith('/messages')) return this.send(body);
    if (path.endsWith('/turns')) return this.stream(0);
    return path === '/conversations/conv_1'
      ? json(this.conversation)
      : json({ type: '/problems/not-found' }, 404);
  }

  private cancel(): Response {
    this.cancelled = true;
    this.emit({ event: 'turn.cancelled', data: { message_id: 'msg_2' } });
    return json({});
  }

  private send(body: Record<string, unknown>): Response {
    if (this.unreachable > 0) {
      this.unreachable -= 1;
      throw new TypeError('Failed to fetch');
    }
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      const full = { type: '/problems/too-many-turns' };
      return Response.json(full, { status: refusal, headers: { 'Retry-After': '5' } });
    }
    const content = body.content as Message['content'];
    this.messages = [aMessage({ content })];
    return this.stream(0);
  }

  private stream(after: number): Response {
    if (this.away) throw new TypeError('Failed to fetch');
    let at = after;
    this.store();
    if (this.isOver()) return responseOf([sse(this.log.slice(at), at + 1)]);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void this.open.add((why) => controller.error(why)),
      pull: async (controller) => {
        if (at >= this.log.length) await new Promise<void>((wake) => this.waiting.add(wake));
        if (at < this.log.length) controller.enqueue(sse(this.log.slice(at), at + 1));
        at = this.log.length;
        if (this.isOver()) controller.close();
      },
    });
    return new Response(body);
  }
}
