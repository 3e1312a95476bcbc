import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIn, milliseconds, step, text } from '../src/durations.ts';

test('durations are read and written', () => {
  assert.equal(milliseconds('1m'), 60_000);
  assert.equal(milliseconds('>15s'), 15_000);
  assert.equal(text(90_000), '90s');
  assert.equal(text(3_600_000), '1h');
  assert.equal(text(1500), '1500ms');
  assert.throws(() => milliseconds('soon'), /soon is not a duration/);
});

test('a step is rounded as Grafana rounds it, and is not below the scrape interval', () => {
  assert.equal(step(3_600_000, 700, 15_000), 15_000);
  assert.equal(step(86_400_000, 700, 15_000), 120_000);
  assert.equal(step(600_000, 780, 1000), 1000);
  assert.equal(step(21_600_000, 1000, 1000), 20_000);
});

test('a rate spans four scrapes at least', () => {
  const of = (step: number, scrape: number) => builtIn(0, 3_600_000, step, scrape).__rate_interval!.values[0];
  assert.equal(of(1000, 1000), '4s');
  assert.equal(of(15_000, 15_000), '1m');
  assert.equal(of(120_000, 15_000), '135s');
});

test('the range, and links to it', () => {
  const values = builtIn(1_000_000, 4_600_000, 1000, 1000);
  assert.equal(values.__range!.values[0], '3600s');
  assert.equal(values.__url_time_range!.values[0], 'from=1000000&to=4600000');
});
