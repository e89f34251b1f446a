import { type KeyboardEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Enter and losing the focus save, Esc cancels. */
export function RenameField({
  title,
  onDone,
}: {
  title: string;
  onDone: (title: string | null) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(title);
  const over = useRef(false);
  const finish = (result: string | null) => {
    if (over.current) return;
    over.current = true;
    onDone(result?.trim() || null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') finish(text);
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      finish(null);
    }
  };
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: the reader has just opened this field
      autoFocus
      value={text}
      maxLength={200}
      aria-label={t('nav.renameLabel')}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => finish(text)}
      className="h-9 w-full rounded-medium border border-line-strong bg-page px-3 text-sm"
    />
  );
}
