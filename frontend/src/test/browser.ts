import { vi } from 'vitest';

class ObserverStub {
  observe() {}
  unobserve() {}
  disconnect() {}
}

/** Parts of a browser that jsdom does not have. */
export function stubBrowser(): void {
  vi.stubGlobal('ResizeObserver', ObserverStub);
  vi.stubGlobal('IntersectionObserver', ObserverStub);
  vi.stubGlobal('matchMedia', (media: string) =>
    Object.assign(new EventTarget(), { media, matches: media.includes('reduced-motion') }),
  );
  Element.prototype.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
}
