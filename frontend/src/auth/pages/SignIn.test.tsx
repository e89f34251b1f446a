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
  it('shows a button for each provider and no link to create an account', () => {
    shown();
    expect(providers()).toEqual(['Continue with Google', 'Continue with Acme']);
    expect(screen.queryByRole('link', { name: 'Create account' })).toBeNull();
  });

  it('shows the form and a link to create an account if no provider is configured', () => {
    setConfig({});
    shown();
    expect(providers()).toEqual([]);
    expect(screen.queryByText('or')).toBeNull();
    expect(screen.getByRole('link', { name: 'Create account' })).toBeTruthy();
  });

  it('has the providers before the form in the tab order', async () => {
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

  it('redirects with the name of the provider in the pool, and stores the path', async () => {
    const place = stubPlace();
    shown();
    await userEvent.click(screen.getByRole('button', { name: 'Continue with Acme' }));
    await vi.waitFor(() => expect(place.assign).toHaveBeenCalledOnce());
    expect(lastLeft(place).searchParams.get('identity_provider')).toBe('AcmeId');
    expect(JSON.stringify({ ...sessionStorage })).toContain('/c/conv_1');
  });

  it('shows why the callback failed, until the next attempt', async () => {
    useSession.setState({ failure: { words: 'providerDenied', said: null } });
    shown();
    expect(screen.getByText(/was cancelled or not allowed/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(screen.queryByText(/was cancelled or not allowed/)).toBeNull();
  });

  it('shows an error if the session storage is not available', async () => {
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
