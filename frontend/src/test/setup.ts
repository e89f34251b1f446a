import { afterEach, beforeAll } from 'vitest';

const hasDom = typeof document !== 'undefined';

beforeAll(async () => {
  if (!hasDom) return;
  // A long timeout, because the machine may be busy with other work.
  const { configure } = await import('@testing-library/react');
  configure({ asyncUtilTimeout: 8_000 });
  const { startLanguage } = await import('@/i18n');
  await startLanguage('en');
});

afterEach(async () => {
  if (!hasDom) return;
  const { cleanup } = await import('@testing-library/react');
  cleanup();
  localStorage.clear();
});
