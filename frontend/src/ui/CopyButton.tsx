import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { classes } from './classes';
import { IconButton } from './IconButton';

const SHOWN_MS = 1600;

export function CopyButton({
  text,
  label,
  words = false,
}: {
  text: string;
  label: string;
  words?: boolean;
}) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  const Icon = copied ? Check : Copy;
  const icon = <Icon aria-hidden className={classes('size-4', copied && 'text-accent')} />;
  const said = (
    <span className="sr-only" aria-live="polite">
      {copied ? t('chat.copied') : ''}
    </span>
  );
  if (!words) {
    return (
      <IconButton label={label} small onClick={() => void copy()}>
        {icon}
        {said}
      </IconButton>
    );
  }
  return (
    <button
      type="button"
      aria-label={label}
      onClick={() => void copy()}
      className="touchable inline-flex h-8 items-center gap-1.5 rounded-small px-2 text-xs text-soft transition-colors hover:bg-hover hover:text-text"
    >
      {icon}
      <span aria-hidden>{copied ? t('chat.copied') : t('chat.copy')}</span>
      {said}
    </button>
  );
}
