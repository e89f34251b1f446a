import { ArrowUp, Lightbulb, Square } from 'lucide-react';
import { forwardRef, type KeyboardEvent, useImperativeHandle, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '@/api/types';
import { classes } from '@/ui/classes';
import { IconButton } from '@/ui/IconButton';
import { canReason } from '../models';
import { ModelPicker } from './ModelPicker';
import { Notice } from './Notice';
import { Toggle } from './Toggle';
import { ToolsToggle } from './ToolsToggle';
import { useAutosize } from './useAutosize';

export interface ComposerHandle {
  focus: () => void;
}

interface Props {
  place: string;
  text: string;
  onText: (text: string) => void;
  model: Model | null;
  reasoning: boolean;
  onReasoning: (wanted: boolean) => void;
  /** An answer is being written: the stop button replaces the send button. */
  running: boolean;
  stopping: boolean;
  onSend: () => void;
  onStop: () => void;
}

export const Composer = forwardRef<ComposerHandle, Props>(function Composer(props, handle) {
  const { place, text, onText, model, running, stopping, onSend, onStop } = props;
  const { t } = useTranslation();
  const area = useRef<HTMLTextAreaElement>(null);
  useAutosize(area, text);
  useImperativeHandle(handle, () => ({ focus: () => area.current?.focus() }), []);
  const canSend = text.trim() !== '' && !running;

  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a character, Enter confirms it and must not send.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (canSend) onSend();
  };

  return (
    <form
      className="content-column px-4 pb-[max(0.75rem,env(safe-area-inset-bottom))]"
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) onSend();
      }}
    >
      <div className="rounded-large border border-line bg-raised shadow-[0_2px_16px_rgb(0_0_0/0.05)] transition-colors focus-within:border-line-focus">
        <textarea
          ref={area}
          rows={1}
          data-composer
          value={text}
          aria-label={t('chat.composer')}
          placeholder={t('chat.placeholder')}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={onKeyDown}
          className="block max-h-[40dvh] w-full resize-none bg-transparent px-4 pt-4 pb-1 text-base outline-none"
        />
        <div className="flex items-center gap-1 p-2">
          <ModelPicker place={place} chosen={model} />
          {canReason(model) && (
            <Toggle label={t('chat.reasoning')} on={props.reasoning} onChange={props.onReasoning}>
              <Lightbulb aria-hidden className="size-4" />
            </Toggle>
          )}
          <ToolsToggle model={model} />
          <span className="flex-1" />
          {running ? (
            <IconButton
              label={t(stopping ? 'chat.stopping' : 'chat.stop')}
              keys="Esc"
              onClick={onStop}
              aria-disabled={stopping}
              className={classes(SEND, stopping && 'pulsing')}
            >
              <Square aria-hidden className="size-3.5 fill-current" />
            </IconButton>
          ) : (
            <IconButton
              label={t('chat.send')}
              keys="Enter"
              type="submit"
              aria-disabled={!canSend}
              className={canSend ? SEND : IDLE}
            >
              <ArrowUp aria-hidden className="size-5" />
            </IconButton>
          )}
        </div>
      </div>
      <Notice model={model} />
    </form>
  );
});

const SEND = 'bg-accent! text-on-accent! hover:bg-accent-hover!';
const IDLE = 'bg-hover! text-faint!';
