import { cleanup } from '@testing-library/react';
import { afterEach, beforeAll } from 'vitest';
import { startLanguage } from '@/i18n';

beforeAll(() => startLanguage('en'));
afterEach(() => {
  cleanup();
  localStorage.clear();
});
