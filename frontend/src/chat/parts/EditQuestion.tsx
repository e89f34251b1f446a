import { type KeyboardEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { useAutosize } from '../composer/useAutosize';

/** Edits a question. The new version becomes another branch; the old one stays. */
export function EditQuestion({
  text: before,
  onDone,
}: {
  text: string;
  onDone: (text: string | null) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(before);
  const area = useRef<HTMLTextAreaElement>(null);
  useAutosize(area, text);
  const send = () => text.trim() && onDone(text.trim());
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      onDone(null);
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };
  return (
    <div className="my-3 rounded-large border border-line bg-bubble p-3 focus-within:border-line-focus">
      <textarea
        ref={area}
        // biome-ignore lint/a11y/noAutofocus: the reader has just opened this field
        autoFocus
        rows={1}
        value={text}
        aria-label={t('chat.editLabel')}
        onFocus={(event) => event.target.setSelectionRange(before.length, before.length)}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="block max-h-[50dvh] w-full resize-none bg-transparent px-1 leading-relaxed outline-none"
      />
      <div className="mt-2 flex justify-end gap-2">
        <Button look="plain" onClick={() => onDone(null)}>
          {t('app.cancel')}
        </Button>
        <Button look="primary" disabled={!text.trim()} onClick={send}>
          {t('chat.editSend')}
        </Button>
      </div>
    </div>
  );
}
