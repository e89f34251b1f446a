import { useTranslation } from 'react-i18next';
import { useShell } from '@/app/shell/state';
import { Dialog } from '@/ui/Dialog';
import { Keys } from '@/ui/Keys';

const SHORTCUTS = [
  { name: 'palette', keys: 'mod K' },
  { name: 'newChat', keys: 'mod Shift O' },
  { name: 'drawer', keys: 'mod B' },
  { name: 'focus', keys: '/' },
  { name: 'send', keys: 'Enter' },
  { name: 'newline', keys: 'Shift Enter' },
  { name: 'stop', keys: 'Esc' },
  { name: 'help', keys: '?' },
] as const;

export default function KeysDialog() {
  const { t } = useTranslation();
  const open = useShell((shell) => shell.open);
  return (
    <Dialog open onOpenChange={() => open(null)} title={t('keys.title')}>
      <dl className="divide-y divide-line text-sm">
        {SHORTCUTS.map(({ name, keys }) => (
          <div key={name} className="flex items-center justify-between py-2.5">
            <dt>{t(`keys.${name}`)}</dt>
            <dd>
              <Keys keys={keys} boxed />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
