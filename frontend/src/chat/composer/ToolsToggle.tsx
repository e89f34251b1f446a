import { Wrench } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Model } from '@/api/types';
import { useSettings } from '@/settings/store';
import { useTools } from '../models';
import { Toggle } from './Toggle';

/** Switches tools on. Shown when the model can use tools and there are any; stored in the browser. */
export function ToolsToggle({ model }: { model: Model | null }) {
  const { t } = useTranslation();
  const tools = useTools(model);
  const { tools: wanted, setTools } = useSettings();
  if (tools.length === 0) return null;
  return (
    <Toggle label={t('chat.tools', { names: tools.join(', ') })} on={wanted} onChange={setTools}>
      <Wrench aria-hidden className="size-4" />
    </Toggle>
  );
}
