import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inQuery, inText, type Values } from '../src/variables.ts';

const values: Values = {
  job: { values: ['.+'], multi: false, raw: true, label: 'All' },
  instance: { values: ['10.0.0.1:10318', 'gw-2:10318'], multi: true },
  one: { values: ['a.b'], multi: true },
  plain: { values: ['say "x"'], multi: false },
};
const none = (name: string) => assert.fail(`unknown: ${name}`);

test('several values are a regular expression, escaped for a string of PromQL', () => {
  assert.equal(inQuery('up{instance=~"$instance"}', values, none), 'up{instance=~"(10\\\\.0\\\\.0\\\\.1:10318|gw-2:10318)"}');
  assert.equal(inQuery('${one}', values, none), 'a\\\\.b');
});

test('an allValue goes in as it is', () => {
  assert.equal(inQuery('up{job=~"$job"}', values, none), 'up{job=~".+"}');
});

test('quotes of a single value are escaped', () => {
  assert.equal(inQuery('x{a="$plain"}', values, none), 'x{a="say \\"x\\""}');
});

test('titles have values as people read them', () => {
  assert.equal(inText('$instance of [[job]]', values, none), '10.0.0.1:10318 + gw-2:10318 of All');
});

test('formats', () => {
  assert.equal(inText('${instance:queryparam}', values, none), 'var-instance=10.0.0.1%3A10318&var-instance=gw-2%3A10318');
  assert.equal(inText('${instance:pipe}', values, none), '10.0.0.1:10318|gw-2:10318');
});

test('what has no value stays, and is told; groups of label_replace() are no variables', () => {
  const unknown: string[] = [];
  const text = 'label_replace(x{a=~"$nothing"}, "b", "$1", "a", "(.*)$") ${__data.fields.x} ${job:csv}';
  assert.equal(inQuery(text, values, (name) => unknown.push(name)), text);
  assert.deepEqual(unknown, ['nothing', '__data.fields.x', 'job:csv']);
});
