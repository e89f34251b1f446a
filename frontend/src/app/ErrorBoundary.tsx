import { Component, type ReactNode } from 'react';
import { Crashed } from './pages';

/** A page that breaks says so; the rest of the browser's tab stays usable after a reload. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <Crashed /> : this.props.children;
  }
}
