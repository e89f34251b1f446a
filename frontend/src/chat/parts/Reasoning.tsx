import { Lightbulb } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { formatSeconds } from '@/i18n/format';
import type { ReasoningPart } from '../stream/turn';
import { Disclosure } from './Disclosure';
import { useElapsed } from './useElapsed';

const Markdown = lazy(() => import('@/markdown/Markdown'));

/** Shorter times are not shown, because they say more about the network than about the model. */
const SHORTEST_SHOWN_MS = 300;

const icon = <Lightbulb aria-hidden className="size-4 shrink-0" />;

/** Reasoning: one line with its time. It opens if the model shows what it thinks. */
export function Reasoning({ part, active }: { part: ReasoningPart; active: boolean }) {
  const { t, i18n } = useTranslation();
  const text = part.text.trim();
  const took = part.tookMs !== null && part.tookMs >= SHORTEST_SHOWN_MS ? part.tookMs : null;
  const label =
    took === null
      ? t('chat.thoughtPlain')
      : t('chat.thought', { time: formatSeconds(took, i18n.language) });
  if (!text) {
    if (active) return <Thinking since={part.startedAt} />;
    return took === null ? null : <ThoughtLine label={label} />;
  }
  return (
    <Disclosure
      lazy
      icon={icon}
      label={active ? t('chat.thinking') : label}
      aside={active && <Seconds since={part.startedAt} />}
      active={active}
    >
      <div className="[&_.prose]:text-sm!">
        <Suspense fallback={<p className="whitespace-pre-wrap leading-relaxed">{text}</p>}>
          <Markdown text={text} growing={active} />
        </Suspense>
      </div>
    </Disclosure>
  );
}

/** The model thinks, and shows nothing of it yet. */
export function Thinking({ since }: { since: number | null }) {
  const { t } = useTranslation();
  return <ThoughtLine label={t('chat.thinking')} active aside={<Seconds since={since} />} />;
}

/** The line of a disclosure without anything to open. */
function ThoughtLine(props: { label: string; active?: boolean; aside?: ReactNode }) {
  return (
    <p className="touchable my-2 flex items-center gap-2 py-1 text-sm text-soft">
      {icon}
      <span className={props.active ? 'pulsing' : undefined}>{props.label}</span>
      {props.aside}
    </p>
  );
}

/** Hidden from screen readers, so that they do not read every second. */
function Seconds({ since }: { since: number | null }) {
  const { i18n } = useTranslation();
  const elapsed = useElapsed(since);
  return elapsed === null ? null : (
    <span aria-hidden className="text-faint tabular-nums">
      {formatSeconds(elapsed, i18n.language)}
    </span>
  );
}
