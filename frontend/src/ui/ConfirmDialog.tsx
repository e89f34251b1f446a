import * as Radix from '@radix-ui/react-alert-dialog';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import { OVERLAY, PANEL } from './Dialog';

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  text: string;
  action: string;
  onConfirm: () => void;
}

/** Asks before something is deleted for good; the button names the action. */
export function ConfirmDialog({ open, onOpenChange, title, text, action, onConfirm }: Props) {
  const { t } = useTranslation();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content className={`${PANEL} max-w-md p-6`}>
          <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
          <Radix.Description className="mt-2 text-sm text-soft [overflow-wrap:anywhere]">
            {text}
          </Radix.Description>
          <div className="mt-6 flex flex-wrap justify-end gap-2">
            <Radix.Cancel asChild>
              <Button>{t('app.cancel')}</Button>
            </Radix.Cancel>
            <Radix.Action asChild>
              <Button look="danger" onClick={onConfirm}>
                {action}
              </Button>
            </Radix.Action>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
