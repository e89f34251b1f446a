import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { loadConfig } from './app/config';
import { StartFailed } from './app/pages';
import { openSession } from './auth/hosted/openSession';
import { startLanguage } from './i18n';
import { currentLanguage, watchTheme } from './settings/store';
import './styles/app.css';

async function start(): Promise<void> {
  const container = document.getElementById('root');
  if (!container) return;
  const root = createRoot(container);
  watchTheme();
  await startLanguage(currentLanguage());
  try {
    await loadConfig();
  } catch {
    root.render(<StartFailed />);
    return;
  }
  // Removes a provider's parameters from the address before the router reads it.
  void openSession();
  root.render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

void start();
