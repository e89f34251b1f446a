import { useTranslation } from 'react-i18next';
import type { Model } from '@/api/types';
import { config, noticeText } from '@/app/config';

/** A warning about the model, for example that it is a toy. */
export function Notice({ model }: { model: Model | null }) {
  const { t, i18n } = useTranslation();
  if (!model?.notice) return <p className="h-1" />;
  const { notice, name } = model;
  const known = notice === 'toy_model' || notice === 'scripted_model';
  const text = known
    ? t(`chat.notice.${notice}`, { name })
    : (noticeText(config().notices.model, i18n.language) ?? notice);
  return <p className="pt-2 text-center text-xs text-faint text-balance">{text}</p>;
}
