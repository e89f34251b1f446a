import { ChevronDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Model } from '@/api/types';
import { Menu, MenuOption, MenuRadioGroup } from '@/ui/Menu';
import { chooseModel, useModels } from '../models';

export function ModelPicker({ place, chosen }: { place: string; chosen: Model | null }) {
  const { t } = useTranslation();
  const { models, failed } = useModels();
  if (!chosen) {
    return failed ? (
      <span className="px-2 text-xs text-danger">{t('chat.modelsFailed')}</span>
    ) : (
      <span className="skeleton mx-2 h-4 w-24" />
    );
  }
  return (
    <Menu
      wide
      side="top"
      trigger={
        <button
          type="button"
          aria-label={t('chat.modelCurrent', { name: chosen.name })}
          className="touchable flex h-8 min-w-0 items-center gap-1 rounded-small px-2 text-sm text-soft transition-colors hover:bg-hover hover:text-text"
        >
          <span className="truncate">{chosen.name}</span>
          <ChevronDown aria-hidden className="size-4 shrink-0" />
        </button>
      }
    >
      <MenuRadioGroup value={chosen.id} onValueChange={(id) => chooseModel(place, id)}>
        {models.map((model) => (
          <MenuOption key={model.id} value={model.id}>
            <span className="block truncate">{model.name}</span>
            <span className="block truncate text-xs text-faint">{model.provider}</span>
          </MenuOption>
        ))}
      </MenuRadioGroup>
    </Menu>
  );
}
