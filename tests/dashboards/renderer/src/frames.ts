// Answers of Prometheus as Grafana's data frames: what its Prometheus data source makes of them. Pure.

import type { DataFrame, Field } from '@grafana/data';

export type Labels = Record<string, string>;
type Sample = [number, string];

export type Answer =
  | { resultType: 'matrix'; result: Array<{ metric: Labels; values: Sample[] }> }
  | { resultType: 'vector'; result: Array<{ metric: Labels; value: Sample }> }
  | { resultType: 'scalar'; result: Sample };

export interface Query {
  refId: string;
  expr: string;
  legendFormat?: string;
}

interface Series {
  metric: Labels;
  values: Sample[];
}

/** One frame for each series. `step` is where it was asked for: longer gaps are gaps in the line. */
export function seriesFrames(answer: Answer, query: Query, step?: number): DataFrame[] {
  return series(answer).map(({ metric, values }) => {
    const legend = legendOf(metric, query);
    const config = legend ? { displayNameFromDS: legend } : {};
    return frame(query.refId, [
      field('Time', 'time', values.map(([seconds]) => Math.round(seconds * 1000)), { config: step ? { interval: step } : {} }),
      field('Value', 'number', values.map(([, value]) => number(value)), { config, labels: metric }),
    ]);
  });
}

/** One frame: a row for each sample, a column for each label. `alone` where no other query is in the panel. */
export function tableFrames(answer: Answer, query: Query, alone: boolean): DataFrame[] {
  const rows = series(answer).flatMap(({ metric, values }) => values.map(([seconds, value]) => ({ metric, seconds, value })));
  if (rows.length === 0) {
    return [];
  }
  const names: string[] = [];
  for (const { metric } of rows) {
    names.push(...Object.keys(metric).sort().filter((name) => !names.includes(name)));
  }
  return [
    frame(query.refId, [
      field('Time', 'time', rows.map(({ seconds }) => Math.round(seconds * 1000))),
      ...names.map((name) => field(name, 'string', rows.map(({ metric }) => metric[name] ?? ''))),
      field(alone ? 'Value' : `Value #${query.refId}`, 'number', rows.map(({ value }) => number(value))),
    ]),
  ];
}

/** "" where Grafana makes up the name itself (legend "Auto"). */
export function legendOf(metric: Labels, query: Query): string {
  const { legendFormat, expr } = query;
  if (legendFormat === '__auto') {
    return Object.keys(metric).length > 0 ? '' : expr;
  }
  const legend = legendFormat ? legendFormat.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name) => metric[name] ?? '') : metricName(metric);
  return legend === '{}' ? expr : legend;
}

function metricName({ __name__: name = '', ...labels }: Labels): string {
  const pairs = Object.keys(labels).sort().map((label) => `${label}=${JSON.stringify(labels[label])}`);
  return name && pairs.length === 0 ? name : `${name}{${pairs.join(', ')}}`;
}

function series(answer: Answer): Series[] {
  switch (answer.resultType) {
    case 'matrix':
      return answer.result;
    case 'vector':
      return answer.result.map(({ metric, value }) => ({ metric, values: [value] }));
    case 'scalar':
      return [{ metric: {}, values: [answer.result] }];
    default:
      throw new Error(`an answer of the kind ${(answer as { resultType: string }).resultType}`);
  }
}

function number(text: string): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}

function field(name: string, type: string, values: unknown[], more: object = {}): Field {
  return { name, type, values, config: {}, ...more } as unknown as Field;
}

function frame(refId: string, fields: Field[]): DataFrame {
  return { refId, fields, length: fields[0]!.values.length };
}
