import { vi } from 'vitest';

class Watcher {
  observe() {}
  unobserve() {}
  disconnect() {}
}

/** What jsdom leaves out of a browser. */
export function stubBrowser(): void {
  vi.stubGlobal('ResizeObserver', Watcher);
  vi.stubGlobal('IntersectionObserver', Watcher);
  vi.stubGlobal('matchMedia', (media: string) =>
    Object.assign(new EventTarget(), { media, matches: media.includes('reduced-motion') }),
  );
  Element.prototype.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
}
