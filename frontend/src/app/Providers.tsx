import { QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { queryClient } from '@/api/queries';
import { Toasts } from '@/ui/Toasts';
import { TooltipProvider } from '@/ui/Tooltip';
import { ErrorBoundary } from './ErrorBoundary';

export function Providers({ children }: { children: ReactNode }) {
  return (
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <ErrorBoundary>{children}</ErrorBoundary>
        <Toasts />
      </TooltipProvider>
    </QueryClientProvider>
  );
}
