import * as Radix from '@radix-ui/react-toast';
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import { IconButton } from './IconButton';

interface Toast {
  id: number;
  text: string;
}

const useToasts = create<{ toasts: Toast[] }>()(() => ({ toasts: [] }));
let count = 0;

export function toast(text: string): void {
  count += 1;
  const id = count;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, { id, text }] }));
}

const drop = (id: number) =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((item) => item.id !== id) }));

export function Toasts() {
  const { t } = useTranslation();
  const toasts = useToasts((state) => state.toasts);
  return (
    <Radix.Provider duration={5000} swipeDirection="down">
      {toasts.map(({ id, text }) => (
        <Radix.Root
          key={id}
          onOpenChange={(open) => !open && drop(id)}
          className="enter-rise flex items-center gap-2 rounded-medium border border-line bg-raised py-1 ps-4 pe-1 text-sm shadow-float"
        >
          <Radix.Description className="flex-1">{text}</Radix.Description>
          <Radix.Close asChild>
            <IconButton withoutTooltip label={t('app.close')} small>
              <X aria-hidden className="size-4" />
            </IconButton>
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed bottom-28 left-1/2 z-60 flex w-[min(24rem,calc(100vw-2rem))] -translate-x-1/2 flex-col gap-2 outline-none" />
    </Radix.Provider>
  );
}
