import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { config } from '@/app/config';
import { useShell } from '@/app/shell/state';
import { useSession } from '@/auth/session';
import { useModels } from '@/chat/models';
import { useConversationChanges } from '@/conversations/useConversationChanges';
import { LANGUAGES, type Language } from '@/i18n';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { Dialog } from '@/ui/Dialog';
import { Select } from '@/ui/Select';
import { useSettings } from './store';
import { ThemeChoice } from './ThemeChoice';

export default function SettingsDialog() {
  const { t, i18n } = useTranslation();
  const open = useShell((shell) => shell.open);
  const { setLanguage, defaultModel, setDefaultModel } = useSettings();
  const email = useSession((session) => session.user?.email ?? '');
  const { models } = useModels();
  const { removeAll } = useConversationChanges();
  const [confirming, setConfirming] = useState(false);
  const { environment } = config();
  return (
    <Dialog open onOpenChange={() => open(null)} title={t('settings.title')}>
      <div className="divide-y divide-line">
        <Row label={t('settings.theme')}>
          <ThemeChoice />
        </Row>
        <Row label={t('settings.language')}>
          <Select
            label={t('settings.language')}
            value={i18n.language}
            options={Object.entries(LANGUAGES)}
            onChange={(language) => setLanguage(language as Language)}
          />
        </Row>
        <Row label={t('settings.defaultModel')}>
          <Select
            label={t('settings.defaultModel')}
            value={defaultModel ?? ''}
            options={[
              ['', t('settings.defaultModelAuto')],
              ...models.map(({ id, name }): [string, string] => [id, name]),
            ]}
            onChange={(model) => setDefaultModel(model || null)}
          />
        </Row>
        <Row label={t('settings.account')}>
          <span className="min-w-0 truncate text-sm text-soft">{email}</span>
        </Row>
        <Row label={t('settings.data')} text={t('settings.dataText')}>
          <Button onClick={() => setConfirming(true)} className="text-danger!">
            {t('nav.deleteAll')}
          </Button>
        </Row>
        {environment && (
          <Row label={t('settings.environment')}>
            <span className="text-sm text-soft">{environment}</span>
          </Row>
        )}
      </div>
      <ConfirmDialog
        open={confirming}
        onOpenChange={setConfirming}
        title={t('nav.deleteAllTitle')}
        text={t('nav.deleteAllText')}
        action={t('nav.deleteAllConfirm')}
        onConfirm={() => {
          open(null);
          void removeAll();
        }}
      />
    </Dialog>
  );
}

function Row({ label, text, children }: { label: string; text?: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 py-4">
      <div className="min-w-32 flex-1">
        <p className="text-sm font-medium">{label}</p>
        {text && <p className="text-xs text-faint">{text}</p>}
      </div>
      {children}
    </div>
  );
}
