import { QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { queryClient } from '@/api/queries';
import { TipProvider } from '@/ui/Tip';
import { Toasts } from '@/ui/Toasts';
import { Guard } from './Guard';

export function Providers({ children }: { children: ReactNode }) {
  return (
    <QueryClientProvider client={queryClient}>
      <TipProvider>
        <Guard>{children}</Guard>
        <Toasts />
      </TipProvider>
    </QueryClientProvider>
  );
}
