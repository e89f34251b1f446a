import { useEffect, useState } from 'react';

/** Whole seconds since a moment, in milliseconds; counts up. Null without a moment, and in the first second. */
export function useElapsed(since: number | null): number | null {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (since === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [since]);
  if (since === null || now - since < 1000) return null;
  return Math.floor((now - since) / 1000) * 1000;
}
