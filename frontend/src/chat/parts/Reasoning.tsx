import { Lightbulb } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { formatSeconds } from '@/i18n/format';
import type { Part } from '../stream/turn';
import { Disclosure } from './Disclosure';

/** Shorter times are not shown, because they say more about the network than about the model. */
const SHORTEST_SHOWN_MS = 300;

export function Reasoning({
  part,
  active,
}: {
  part: Extract<Part, { kind: 'reasoning' }>;
  active: boolean;
}) {
  const { t, i18n } = useTranslation();
  const took = part.tookMs;
  const label = () => {
    if (active) return t('chat.thinking');
    if (took === null || took < SHORTEST_SHOWN_MS) return t('chat.thoughtPlain');
    return t('chat.thought', { time: formatSeconds(took, i18n.language) });
  };
  return (
    <Disclosure
      icon={<Lightbulb aria-hidden className="size-4 shrink-0" />}
      label={label()}
      active={active}
    >
      <p className="whitespace-pre-wrap leading-relaxed">{part.text.trim()}</p>
    </Disclosure>
  );
}
