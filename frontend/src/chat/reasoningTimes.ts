import type { Part, ReasoningPart, TurnView } from './stream/turn';

/** How long reasoning took, measured in this visit only; the server does not store it. */
const times = new Map<string, { silent: (number | null)[]; shown: (number | null)[] }>();

const isReasoning = (part: Part): part is ReasoningPart => part.kind === 'reasoning';
const isSilent = ({ text }: ReasoningPart) => text.trim() === '';

export function rememberReasoningTimes({ messageId, parts }: TurnView): void {
  const reasoning = parts.filter(isReasoning);
  if (reasoning.length === 0) return;
  times.set(messageId, {
    silent: reasoning.filter((part) => isSilent(part)).map(({ tookMs }) => tookMs),
    shown: reasoning.filter((part) => !isSilent(part)).map(({ tookMs }) => tookMs),
  });
}

/** Adds the times. Some models store nothing about silent reasoning at the beginning: it is added too. */
export function withReasoningTimes(messageId: string, parts: Part[]): Part[] {
  const took = times.get(messageId);
  if (!took) return parts;
  const silent = [...took.silent];
  const shown = [...took.shown];
  const timed = parts.map((part) => {
    if (!isReasoning(part)) return part;
    const tookMs = (isSilent(part) ? silent : shown).shift() ?? null;
    return { ...part, tookMs };
  });
  const [left] = silent;
  if (left === undefined || isReasoningFirst(timed)) return timed;
  return [{ kind: 'reasoning', text: '', startedAt: null, tookMs: left }, ...timed];
}

const isReasoningFirst = ([first]: Part[]) => first !== undefined && isReasoning(first);
