import { ChevronDown, CircleAlert, Info, ShieldAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Model } from '@/api/types';
import { Button } from '@/ui/Button';
import { classes } from '@/ui/classes';
import { Menu, MenuItem } from '@/ui/Menu';
import type { Ending, Tone } from '../endings';
import { useModels } from '../models';
import type { ProblemAction } from '../problemMessages';

const LOOKS: Record<Tone, { Icon: typeof Info; line: string; icon: string }> = {
  calm: { Icon: Info, line: 'text-soft', icon: 'text-faint' },
  declined: { Icon: ShieldAlert, line: 'bg-warn-soft ps-3 pe-2', icon: 'text-warn' },
  failed: { Icon: CircleAlert, line: 'bg-danger-soft ps-3 pe-2', icon: 'text-danger' },
};

interface Props {
  ending: Ending;
  /** The model of the answer; it is not offered as another one. */
  model: string | null;
  canEdit: boolean;
  onAction: (action: Exclude<ProblemAction, 'chooseModel' | null>) => void;
  onAnswerWith: (model: Model) => void;
}

/** One sentence about how an answer ended, and a button for the sensible action. */
export function EndingLine({ ending, model, canEdit, onAction, onAnswerWith }: Props) {
  const { t } = useTranslation();
  const { words, reason = '', tone, action } = ending;
  const { Icon, line, icon } = LOOKS[tone];
  return (
    <div
      role={tone === 'failed' ? 'alert' : undefined}
      className={classes(
        'enter-fade mt-3 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-medium py-2 text-sm',
        line,
      )}
    >
      <Icon aria-hidden className={classes('size-4 shrink-0', icon)} />
      <p className="min-h-5 min-w-40 flex-1">{words.map((key) => t(key, { reason })).join(' ')}</p>
      {action === 'chooseModel' && <AnswerWith model={model} onChoose={onAnswerWith} />}
      {action && action !== 'chooseModel' && (action !== 'edit' || canEdit) && (
        <Button className={BUTTON} onClick={() => onAction(action)}>
          {t(`problem.${action}`)}
        </Button>
      )}
    </div>
  );
}

const BUTTON = 'h-8! bg-page px-3!';

/** Answers the same message with another model. */
function AnswerWith({
  model,
  onChoose,
}: {
  model: string | null;
  onChoose: (model: Model) => void;
}) {
  const { t } = useTranslation();
  const others = useModels().models.filter(({ id }) => id !== model);
  if (others.length === 0) return null;
  return (
    <Menu
      wide
      align="end"
      trigger={
        <Button className={classes(BUTTON, 'pe-2!')}>
          {t('problem.chooseModel')}
          <ChevronDown aria-hidden className="size-4 shrink-0" />
        </Button>
      }
    >
      {others.map((other) => (
        <MenuItem key={other.id} onSelect={() => onChoose(other)}>
          <span className="min-w-0 flex-1">
            <span className="block truncate">{other.name}</span>
            <span className="block truncate text-xs text-faint">{other.provider}</span>
          </span>
        </MenuItem>
      ))}
    </Menu>
  );
}
