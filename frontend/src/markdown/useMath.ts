import { useEffect, useState } from 'react';
import type { MathPlugins } from './math';

let loaded: MathPlugins | null = null;
let loading: Promise<MathPlugins> | null = null;

/** Loads KaTeX and its fonts when the first formula appears. */
export function useMath(wanted: boolean): MathPlugins | null {
  const [plugins, setPlugins] = useState(loaded);
  useEffect(() => {
    if (!wanted || plugins) return;
    let current = true;
    loading ??= import('./math').then((module) => {
      loaded = module.plugins;
      return module.plugins;
    });
    void loading.then((ready) => current && setPlugins(ready));
    return () => {
      current = false;
    };
  }, [wanted, plugins]);
  return wanted ? plugins : null;
}
