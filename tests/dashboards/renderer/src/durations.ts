// Steps of queries, and the built-in variables that follow from them.

import type { Values } from './variables.ts';

const UNITS: Record<string, number> = {
  ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000,
};
// As Grafana's roundInterval(): below the first number, the second one.
const ROUNDED: Array<[number, number]> = [
  [10, 1], [15, 10], [35, 20], [75, 50], [150, 100], [350, 200], [750, 500], [1500, 1000], [3500, 2000], [7500, 5000],
  [12500, 10_000], [17500, 15_000], [25_000, 20_000], [45_000, 30_000], [90_000, 60_000], [210_000, 120_000],
  [450_000, 300_000], [750_000, 600_000], [1_050_000, 900_000], [1_500_000, 1_200_000], [2_700_000, 1_800_000],
  [5_400_000, 3_600_000], [9_000_000, 7_200_000], [16_200_000, 10_800_000], [32_400_000, 21_600_000],
  [86_400_000, 43_200_000], [604_800_000, 86_400_000], [1_814_400_000, 604_800_000],
];
const MOST_POINTS = 11_000; // Prometheus refuses more

export function milliseconds(text: string): number {
  const found = /^>?(\d+(?:\.\d+)?)(ms|[smhdwy])$/.exec(text);
  if (!found) {
    throw new Error(`${text} is not a duration`);
  }
  return Number(found[1]) * UNITS[found[2]!]!;
}

export function text(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    if (ms % UNITS[unit]! === 0 && ms > 0) {
      return `${ms / UNITS[unit]!}${unit}`;
    }
  }
  return `${ms}ms`;
}

/** The step of a query over `range` for so many points, not below `least`. All in milliseconds. */
export function step(range: number, points: number, least: number): number {
  const exact = range / points;
  const rounded = ROUNDED.find(([below]) => exact < below)?.[1] ?? UNITS.d! * 30;
  return Math.max(rounded, least, Math.ceil(range / MOST_POINTS));
}

/** `scrape` is the data source's interval, or the query's own. */
export function builtIn(from: number, to: number, step: number, scrape: number): Values {
  const raw = (value: string | number) => ({ values: [String(value)], multi: false, raw: true });
  const rate = Math.max(step + scrape, 4 * scrape);
  return {
    __interval: raw(text(step)),
    __interval_ms: raw(step),
    __rate_interval: raw(text(rate)),
    __rate_interval_ms: raw(rate),
    __range: raw(`${Math.round((to - from) / 1000)}s`),
    __range_s: raw(Math.round((to - from) / 1000)),
    __range_ms: raw(to - from),
    __from: raw(from),
    __to: raw(to),
    __url_time_range: raw(`from=${from}&to=${to}`),
  };
}
