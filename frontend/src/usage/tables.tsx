import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UsageRow } from '@/api/types';
import { formatCost, formatCount, formatDay } from '@/i18n/format';
import { byModel } from './report';

function Table({ head, label, children }: { head: string[]; label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be reachable by keyboard
    <section className="overflow-x-auto" tabIndex={0} aria-label={label}>
      <table className="w-full text-sm tabular-nums">
        <thead>
          <tr className="border-b border-line text-xs text-faint">
            {head.map((name, index) => (
              <th
                key={name}
                scope="col"
                className={`py-2 font-medium whitespace-nowrap ${index === 0 ? 'text-start' : 'ps-6 text-end'}`}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

const Cell = ({ children }: { children: ReactNode }) => (
  <td className="py-2.5 ps-6 text-end whitespace-nowrap">{children}</td>
);

const NAME = 'py-2.5 text-start font-normal whitespace-nowrap';

interface Props {
  rows: readonly UsageRow[];
  nameOf: (model: string) => string;
}

export function ModelTable({ rows, nameOf }: Props) {
  const { t, i18n } = useTranslation();
  const count = (value: number) => formatCount(value, i18n.language);
  const head = [
    t('usage.model'),
    t('usage.cost'),
    t('usage.requests'),
    t('usage.input'),
    t('usage.output'),
  ];
  return (
    <Table head={head} label={t('usage.byModel')}>
      {byModel(rows).map((row) => (
        <tr key={row.model} className="border-b border-line last:border-0">
          <th scope="row" className={NAME}>
            {nameOf(row.model)}
          </th>
          <Cell>{formatCost(row.cost, i18n.language)}</Cell>
          <Cell>{count(row.calls)}</Cell>
          <Cell>{count(row.input + row.cached)}</Cell>
          <Cell>{count(row.output)}</Cell>
        </tr>
      ))}
    </Table>
  );
}

export function DayTable({ rows, nameOf }: Props) {
  const { t, i18n } = useTranslation();
  const count = (value: number) => formatCount(value, i18n.language);
  const head = [
    t('usage.day'),
    t('usage.model'),
    t('usage.input'),
    t('usage.output'),
    t('usage.cost'),
  ];
  return (
    <Table head={head} label={t('usage.perDay')}>
      {rows.map((row) => (
        <tr key={`${row.date}.${row.model}`} className="border-b border-line last:border-0">
          <th scope="row" className={NAME}>
            {formatDay(row.date, i18n.language)}
          </th>
          <Cell>{nameOf(row.model)}</Cell>
          <Cell>{count(row.input_tokens)}</Cell>
          <Cell>{count(row.output_tokens)}</Cell>
          <Cell>{formatCost(row.cost_nano_usd, i18n.language)}</Cell>
        </tr>
      ))}
    </Table>
  );
}
