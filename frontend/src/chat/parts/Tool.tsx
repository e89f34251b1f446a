import { Wrench } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { formatSeconds } from '@/i18n/format';
import type { Part } from '../stream/turn';
import { Folded } from './Folded';

const WORDS = {
  running: 'chat.toolRunning',
  done: 'chat.toolDone',
  failed: 'chat.toolFailed',
} as const;

const shown = (value: unknown) =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2);

export function Tool({ part, active }: { part: Extract<Part, { kind: 'tool' }>; active: boolean }) {
  const { t, i18n } = useTranslation();
  const state = part.state === 'running' && !active ? 'failed' : part.state;
  return (
    <Folded
      icon={<Wrench aria-hidden className="size-4 shrink-0" />}
      label={t(WORDS[state], { name: part.name })}
      aside={part.tookMs === null ? undefined : formatSeconds(part.tookMs, i18n.language)}
      active={state === 'running'}
      failed={state === 'failed'}
    >
      <Piece label={t('chat.toolInput')} text={shown(part.input ?? {})} />
      {part.output != null && <Piece label={t('chat.toolOutput')} text={shown(part.output)} />}
    </Folded>
  );
}

function Piece({ label, text }: { label: string; text: string }) {
  return (
    <div className="mb-2">
      <p className="text-xs text-faint">{label}</p>
      <pre className="max-h-64 overflow-auto whitespace-pre-wrap font-mono text-xs leading-relaxed">
        {text}
      </pre>
    </div>
  );
}
