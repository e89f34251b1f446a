import type { Part, TurnView } from './stream/turn';

/** How long thoughts took, as far as this visit watched them; nobody stores it. */
const times = new Map<string, (number | null)[]>();

type Thought = Extract<Part, { kind: 'reasoning' }>;

const isThought = (part: Part): part is Thought => part.kind === 'reasoning';

export function rememberThoughts({ messageId, parts }: TurnView): void {
  const took = parts.filter(isThought).map((part) => part.tookMs);
  if (took.length > 0) times.set(messageId, took);
}

export function withThoughtTimes(messageId: string, parts: Part[]): Part[] {
  const took = times.get(messageId);
  if (!took) return parts;
  let seen = 0;
  return parts.map((part) => {
    if (!isThought(part)) return part;
    const tookMs = took[seen] ?? null;
    seen += 1;
    return { ...part, tookMs };
  });
}
