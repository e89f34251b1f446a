import * as Radix from '@radix-ui/react-dialog';
import { ArrowRight, MessageSquare } from 'lucide-react';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShell } from '@/app/shell/state';
import { classes } from '@/ui/classes';
import { OVERLAY } from '@/ui/Dialog';
import type { Command } from './commands';
import { useCommands } from './useCommands';

const LIST = 'palette-list';

export default function Palette() {
  const { t } = useTranslation();
  const open = useShell((shell) => shell.open);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const commands = useCommands(query);
  const current = commands[Math.min(at, commands.length - 1)];
  const run = (command: Command) => {
    open(null);
    command.run();
  };
  useEffect(() => {
    document.getElementById(`palette-${current?.id}`)?.scrollIntoView({ block: 'nearest' });
  }, [current?.id]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt(
        (before) =>
          (Math.min(before, commands.length - 1) + step + commands.length) % commands.length,
      );
    }
    if (event.key === 'Enter' && current) {
      event.preventDefault();
      run(current);
    }
  };
  return (
    <Radix.Root open onOpenChange={() => open(null)}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          aria-describedby={undefined}
          className="enter-fade fixed top-[12dvh] left-1/2 z-50 flex max-h-[70dvh] w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 flex-col overflow-hidden rounded-large border border-line bg-raised shadow-float"
        >
          <Radix.Title className="sr-only">{t('palette.title')}</Radix.Title>
          <input
            role="combobox"
            aria-expanded
            aria-controls={LIST}
            aria-activedescendant={current && `palette-${current.id}`}
            aria-label={t('palette.placeholder')}
            placeholder={t('palette.placeholder')}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
            className="h-14 w-full shrink-0 border-b border-line bg-transparent px-5 text-base outline-none"
          />
          <div
            id={LIST}
            role="listbox"
            aria-label={t('palette.title')}
            className="overflow-y-auto p-2"
          >
            {commands.map((command, index) => (
              <Option
                key={command.id}
                command={command}
                first={command.group !== commands[index - 1]?.group}
                selected={command === current}
                onRun={() => run(command)}
                onPoint={() => setAt(index)}
              />
            ))}
          </div>
          {commands.length === 0 && (
            <p role="status" className="px-5 pb-6 text-sm text-soft">
              {t('palette.nothing', { query })}
            </p>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface OptionProps {
  command: Command;
  first: boolean;
  selected: boolean;
  onRun: () => void;
  onPoint: () => void;
}

function Option({ command, first, selected, onRun, onPoint }: OptionProps) {
  const { t } = useTranslation();
  const Icon = command.group === 'conversations' ? MessageSquare : ArrowRight;
  return (
    <>
      {first && (
        <p role="presentation" className="px-3 pt-3 pb-1 text-xs text-faint first:pt-1">
          {t(`palette.${command.group}`)}
        </p>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above handles the keys */}
      <div
        id={`palette-${command.id}`}
        role="option"
        tabIndex={-1}
        aria-selected={selected}
        onClick={onRun}
        onPointerMove={onPoint}
        className={classes(
          'touchable flex items-center gap-3 rounded-medium px-3 py-2 text-sm',
          selected && 'bg-hover',
        )}
      >
        <Icon aria-hidden className="size-4 shrink-0 text-faint" />
        <span className="truncate">{command.label}</span>
      </div>
    </>
  );
}
