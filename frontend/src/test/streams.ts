/** A response whose body arrives in these pieces. */
export function responseOf(pieces: readonly Uint8Array[], broken = false): Response {
  const rest = pieces.filter((piece) => piece.length > 0);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = rest.shift();
      if (next) controller.enqueue(next);
      else if (broken) controller.error(new TypeError('connection reset'));
      else controller.close();
    },
  });
  return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
}

export function inPieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.slice(places[index], end));
}

export interface SseFrame {
  event: string;
  data: object;
}

/** Frames as the service writes them, numbered from `first`. */
export const sse = (frames: readonly SseFrame[], first = 1): Uint8Array =>
  new TextEncoder().encode(
    frames
      .map(
        ({ event, data }, index) =>
          `id: ${first + index}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
      )
      .join(''),
  );

export const started = (change: object = {}): SseFrame => ({
  event: 'turn.started',
  data: {
    turn_id: 'turn_1',
    conversation_id: 'conv_1',
    user_message_id: 'msg_1',
    message_id: 'msg_2',
    model: 'scripted.story',
    attempt: 1,
    ...change,
  },
});

export const delta = (text: string): SseFrame => ({ event: 'message.delta', data: { text } });

export const completed: SseFrame = {
  event: 'turn.completed',
  data: { message_id: 'msg_2', stop_reason: 'end_turn' },
};
