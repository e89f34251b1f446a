import { LoaderCircle, TriangleAlert, Wrench } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { formatSeconds } from '@/i18n/format';
import { isPending, type ToolPart } from '../stream/turn';
import { Disclosure } from './Disclosure';
import { formatValue, shorten, summarizeInput, toolLabel } from './toolLabels';

const LOOKS = {
  preparing: [LoaderCircle, 'size-4 shrink-0 spinning'],
  running: [LoaderCircle, 'size-4 shrink-0 spinning'],
  done: [Wrench, 'size-4 shrink-0'],
  failed: [TriangleAlert, 'size-4 shrink-0'],
} as const;

/** A tool call: a summary of its input on one line; input and output in full when opened. */
export function ToolCall({ part, running }: { part: ToolPart; running: boolean }) {
  const { t, i18n } = useTranslation();
  // When the turn has ended without a result, no result will come.
  const state = isPending(part.state) && !running ? 'failed' : part.state;
  const [Icon, look] = LOOKS[state];
  return (
    <Disclosure
      icon={<Icon aria-hidden className={look} />}
      label={t(toolLabel(state), { name: part.name })}
      hint={part.written ? shorten(part.written) : summarizeInput(part.input)}
      aside={part.tookMs === null ? undefined : formatSeconds(part.tookMs, i18n.language)}
      active={isPending(state)}
      failed={state === 'failed'}
    >
      <ToolValue label={t('chat.toolInput')} text={part.written || formatValue(part.input)} />
      {part.output != null && (
        <ToolValue label={t('chat.toolOutput')} text={formatValue(part.output)} />
      )}
      {part.output == null && state === 'failed' && <p>{t('chat.toolSilent')}</p>}
    </Disclosure>
  );
}

function ToolValue({ label, text }: { label: string; text: string }) {
  return (
    <section aria-label={label} className="mb-2">
      <p aria-hidden className="text-xs text-faint">
        {label}
      </p>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be reachable by keyboard
        tabIndex={0}
        className="max-h-64 overflow-auto whitespace-pre-wrap break-words font-mono text-xs leading-relaxed"
      >
        {text}
      </pre>
    </section>
  );
}
