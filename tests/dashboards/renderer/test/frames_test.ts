import assert from 'node:assert/strict';
import { test } from 'node:test';
import { legendOf, seriesFrames, tableFrames, type Answer } from '../src/frames.ts';

const metric = { __name__: 'up', job: 'conntrack', instance: 'gw' };
const vector: Answer = {
  resultType: 'vector',
  result: [
    { metric: { instance: 'a', cause: 'clash' }, value: [1.5, '+Inf'] },
    { metric: { instance: 'b', job: 'x' }, value: [1.5, '2'] },
  ],
};
const columns = (frame: any) => Object.fromEntries(frame.fields.map((field: any) => [field.name, field.values]));

test('legends', () => {
  const legend = (legendFormat?: string, of: Record<string, string> = metric) => legendOf(of, { refId: 'A', expr: 'e', legendFormat });
  assert.equal(legend('{{instance}} of {{ job }}{{absent}}'), 'gw of conntrack');
  assert.equal(legend(), 'up{instance="gw", job="conntrack"}');
  assert.equal(legend('', {}), 'e');
  assert.equal(legend('__auto'), '');
  assert.equal(legend('__auto', {}), 'e');
});

test('each series is a frame, with its labels, its legend and the step', () => {
  const answer: Answer = { resultType: 'matrix', result: [{ metric, values: [[1, '3'], [2, 'NaN']] }] };
  const [frame] = seriesFrames(answer, { refId: 'B', expr: 'up', legendFormat: '{{job}}' }, 1000);
  const [time, value] = frame!.fields as any[];
  assert.equal(frame!.refId, 'B');
  assert.deepEqual(time.values, [1000, 2000]);
  assert.equal(time.config.interval, 1000);
  assert.deepEqual(value.values, [3, NaN]);
  assert.equal(value.config.displayNameFromDS, 'conntrack');
  assert.deepEqual(value.labels, metric);
});

test('a table has a row for each series and a column for each label', () => {
  const [frame] = tableFrames(vector, { refId: 'lost', expr: 'e' }, false);
  assert.deepEqual(columns(frame), {
    Time: [1500, 1500],
    cause: ['clash', ''],
    instance: ['a', 'b'],
    job: ['', 'x'],
    'Value #lost': [Infinity, 2],
  });
  assert.ok('Value' in columns(tableFrames(vector, { refId: 'A', expr: 'e' }, true)[0]));
});

test('no series, no table', () => {
  assert.deepEqual(tableFrames({ resultType: 'vector', result: [] }, { refId: 'A', expr: 'e' }, true), []);
});
