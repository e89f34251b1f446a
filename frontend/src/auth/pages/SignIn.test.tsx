// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setConfig } from '@/app/config';
import { lastLeft, offerProviders, stubPlace } from '@/test/hosted';
import { TooltipProvider } from '@/ui/Tooltip';
import { useSession } from '../session';
import { SignIn } from './SignIn';

const shown = () =>
  render(
    <TooltipProvider>
      <MemoryRouter initialEntries={[{ pathname: '/sign-in', state: { from: '/c/conv_1' } }]}>
        <SignIn />
      </MemoryRouter>
    </TooltipProvider>,
  );

const providers = () =>
  screen.queryAllByRole('button', { name: /^Continue with/ }).map((each) => each.textContent);

beforeEach(offerProviders);
afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
  useSession.setState({ failure: null });
});

describe('the sign-in page', () => {
  it('offers each provider by its title, and no sign-up', () => {
    shown();
    expect(providers()).toEqual(['Continue with Google', 'Continue with Acme']);
    expect(screen.queryByRole('link', { name: 'Create account' })).toBeNull();
  });

  it('has only the form if no provider is configured', () => {
    setConfig({});
    shown();
    expect(providers()).toEqual([]);
    expect(screen.queryByText('or')).toBeNull();
    expect(screen.getByRole('link', { name: 'Create account' })).toBeTruthy();
  });

  it('moves the focus with Tab from the providers to the form', async () => {
    shown();
    const order: (string | null)[] = [];
    for (let step = 0; step < 5; step += 1) {
      await userEvent.tab();
      const { textContent, ariaLabel, name } = document.activeElement as HTMLInputElement;
      order.push(textContent || ariaLabel || name);
    }
    expect(order).toEqual([
      'Continue with Google',
      'Continue with Acme',
      'email',
      'password',
      'Show password',
    ]);
  });

  it('redirects by the provider’s name in the pool and stores the wanted path', async () => {
    const place = stubPlace();
    shown();
    await userEvent.click(screen.getByRole('button', { name: 'Continue with Acme' }));
    await vi.waitFor(() => expect(place.assign).toHaveBeenCalledOnce());
    expect(lastLeft(place).searchParams.get('identity_provider')).toBe('AcmeId');
    expect(JSON.stringify({ ...sessionStorage })).toContain('/c/conv_1');
  });

  it('shows why the callback failed, until something else is tried', async () => {
    useSession.setState({ failure: { words: 'providerDenied', said: null } });
    shown();
    expect(screen.getByText(/was cancelled or not allowed/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(screen.queryByText(/was cancelled or not allowed/)).toBeNull();
  });

  it('shows an error if the browser’s storage is forbidden', async () => {
    vi.stubGlobal('sessionStorage', {
      clear: () => undefined,
      setItem: () => {
        throw new DOMException('denied', 'SecurityError');
      },
    });
    shown();
    await userEvent.click(screen.getByRole('button', { name: 'Continue with Google' }));
    expect(await screen.findByText('That did not work. Try again in a moment.')).toBeTruthy();
  });
});
