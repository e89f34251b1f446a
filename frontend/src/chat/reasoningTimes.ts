import type { Part, TurnView } from './stream/turn';

/** How long reasoning took, measured in this visit only; the server does not store it. */
const times = new Map<string, (number | null)[]>();

type ReasoningPart = Extract<Part, { kind: 'reasoning' }>;

const isReasoning = (part: Part): part is ReasoningPart => part.kind === 'reasoning';

export function rememberReasoningTimes({ messageId, parts }: TurnView): void {
  const took = parts.filter(isReasoning).map((part) => part.tookMs);
  if (took.length > 0) times.set(messageId, took);
}

export function withReasoningTimes(messageId: string, parts: Part[]): Part[] {
  const took = times.get(messageId);
  if (!took) return parts;
  let seen = 0;
  return parts.map((part) => {
    if (!isReasoning(part)) return part;
    const tookMs = took[seen] ?? null;
    seen += 1;
    return { ...part, tookMs };
  });
}
