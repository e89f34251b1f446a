// Runs before the first paint, so that a dark page does not flash white.
(() => {
  let settings = {};
  try {
    settings = JSON.parse(localStorage.getItem('colloquy.settings') || '{}').state || {};
  } catch {
    settings = {};
  }
  const dark =
    settings.theme === 'dark' ||
    (settings.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  const root = document.documentElement;
  root.dataset.theme = dark ? 'dark' : 'light';
  const language = settings.language || navigator.language || 'en';
  root.lang = language.toLowerCase().startsWith('ko') ? 'ko' : 'en';
})();
