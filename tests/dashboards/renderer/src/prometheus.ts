// Asks Prometheus, through the driver, which serves its API below /api/v1/.

import type { Answer, Labels } from './frames.ts';

export async function rangeQuery(expr: string, from: number, to: number, step: number): Promise<Answer> {
  // On multiples of the step, as Grafana asks: then a picture taken a second later has the same points.
  const start = Math.floor(from / step) * step;
  const end = Math.floor(to / step) * step;
  return ask('query_range', { query: expr, start: start / 1000, end: end / 1000, step: step / 1000 });
}

export async function instantQuery(expr: string, at: number): Promise<Answer> {
  return ask('query', { query: expr, time: at / 1000 });
}

/** The values of a label among the series that `selector` finds in that time. */
export async function labelValues(label: string, selector: string, from: number, to: number): Promise<string[]> {
  const found: Labels[] = await ask('series', { 'match[]': selector, start: from / 1000, end: to / 1000 });
  return [...new Set(found.map((labels) => labels[label]).filter((value) => value !== undefined))].sort();
}

async function ask(path: string, parameters: Record<string, string | number>): Promise<any> {
  const body = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
  const response = await fetch(`/api/v1/${path}`, { method: 'POST', body });
  const answer = await response.json();
  if (answer.status !== 'success') {
    throw new Error(`${answer.error} (${answer.errorType})`);
  }
  return answer.data;
}
