import { lazy, Suspense } from 'react';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router';
import { ConfirmSignUp } from '@/auth/pages/ConfirmSignUp';
import { Forgot } from '@/auth/pages/Forgot';
import { SignIn } from '@/auth/pages/SignIn';
import { SignUp } from '@/auth/pages/SignUp';
import { useSession } from '@/auth/session';
import { ChatPage } from '@/chat/ChatPage';
import { UsagePageSkeleton } from '@/usage/UsageSkeleton';
import { Providers } from './Providers';
import { NotFound, Starting, Unreachable } from './pages';
import { Shell } from './shell/Shell';

const UsagePage = lazy(() => import('@/usage/UsagePage'));

function SignedOutRoutes() {
  const from = useLocation().pathname;
  return (
    <Routes>
      <Route path="/sign-in" element={<SignIn />} />
      <Route path="/sign-up" element={<SignUp />} />
      <Route path="/confirm" element={<ConfirmSignUp />} />
      <Route path="/forgot" element={<Forgot />} />
      <Route path="*" element={<Navigate to="/sign-in" replace state={{ from }} />} />
    </Routes>
  );
}

/** Redirects a signed-in person from a sign-in page to the page that they wanted. */
function RedirectSignedIn() {
  const { from } = (useLocation().state ?? {}) as { from?: string };
  return <Navigate to={from ?? '/'} replace />;
}

function SignedInRoutes() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route path="/" element={<ChatPage />} />
        <Route path="/c/:conversationId" element={<ChatPage />} />
        <Route
          path="/usage"
          element={
            <Suspense fallback={<UsagePageSkeleton />}>
              <UsagePage />
            </Suspense>
          }
        />
        <Route path="*" element={<NotFound />} />
      </Route>
      {['/sign-in', '/sign-up', '/confirm', '/forgot'].map((path) => (
        <Route key={path} path={path} element={<RedirectSignedIn />} />
      ))}
    </Routes>
  );
}

function Pages() {
  const state = useSession((session) => session.state);
  if (state === 'starting') return <Starting />;
  if (state === 'unreachable') return <Unreachable />;
  return state === 'signed-in' ? <SignedInRoutes /> : <SignedOutRoutes />;
}

export function App() {
  return (
    <Providers>
      {/* Without transitions a new chat becomes a conversation in one paint, without a flash. */}
      <BrowserRouter useTransitions={false}>
        <Pages />
      </BrowserRouter>
    </Providers>
  );
}
