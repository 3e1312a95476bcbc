// check.mjs finds what it is there for: each case breaks one thing in a dashboard without a fault (../sample.py).
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { complaints } from './check.mjs';

const folder = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const script = 'import json, sample; print(json.dumps(sample.dashboard()))';
const sample = execFileSync('python3', ['-B', '-c', script], { cwd: folder, encoding: 'utf8' });

const wrong = {
  'a property of the dashboard that there is not': [(d) => (d.colour = 'dark'), 'the dashboard: "colour": "dark"'],
  'a setting of another type': [(d) => (d.refresh = 30), 'the dashboard: "refresh": 30'],
  'a word that is none of those that there are': [(d) => (d.links[0].type = 'dashboard'), 'the dashboard: "type": "dashboard"'],
  'a number that is none of those that there are': [(d) => (d.graphTooltip = 7), 'the dashboard: "graphTooltip": 7'],
  'a variable with a property that there is not': [(d) => (d.templating.list[1].every = true), 'the dashboard: "every": true'],
  'an annotation without a colour': [(d) => delete d.annotations.list[0].iconColor, 'the dashboard'],
  'a type of panel that there is not': [(d) => (d.panels[0].type = 'graph'), 'panel 1 \'Left\': export const c2: shape.Panels["graph"]'],
  'a property of a panel that there is not': [(d) => (d.panels[0].heading = 'x'), 'panel 1 \'Left\': "heading": "x"'],
  'no place': [(d) => delete d.panels[0].gridPos.w, "panel 1 'Left'"],
  'an option of another panel': [(d) => (d.panels[0].options.graphMode = 'area'), 'panel 1 \'Left\': "graphMode": "area"'],
  'an option with a wrong value': [(d) => (d.panels[0].options.tooltip = { mode: 'some' }), 'panel 1 \'Left\': "mode": "some"'],
  'a style of another panel': [(d) => (d.panels[0].fieldConfig.defaults.custom = { align: 'left' }), 'panel 1 \'Left\': "align": "left"'],
  'a unit that there is not': [(d) => (d.panels[0].fieldConfig.defaults.unit = 'rds'), 'panel 1 \'Left\': "unit": "rds"'],
  'a field with a property that there is not': [(d) => override(d, 'custom.align', 'left'), "panel 1 'Left'"],
  'a field with a wrong value': [(d) => override(d, 'custom.lineWidth', 'thick'), 'panel 1 \'Left\': Type \'{ id: "custom.lineWidth"; value: string; }\''],
  'a query with a property that there is not': [(d) => (d.panels[0].targets[0].legend = 'x'), 'panel 1 \'Left\': "legend": "x"'],
  'a query of nothing': [(d) => delete d.panels[0].targets[0].expr, "panel 1 'Left'"],
  'a fault in a collapsed row': [(d) => (d.panels[4].panels[0].heading = 'x'), 'panel 6 \'Within\': "heading": "x"'],
};

function override(dashboard, id, value) {
  dashboard.panels[0].fieldConfig.overrides.push({ matcher: { id: 'byName', options: 'x' }, properties: [{ id, value }] });
}

// All at once: the compiler reads the types once for all of them.
const dashboards = { faultless: JSON.parse(sample) };
for (const [name, [breakIt]] of Object.entries(wrong)) {
  dashboards[name] = JSON.parse(sample);
  breakIt(dashboards[name]);
}
const found = complaints(dashboards);
const of = (name) => found.filter((complaint) => complaint.name === name);

test('a dashboard without a fault', () => assert.deepStrictEqual(of('faultless'), []));

for (const [name, [, words]] of Object.entries(wrong)) {
  test(name, () => {
    assert.deepStrictEqual(of(name).map(({ version }) => version), ['grafana-10', 'grafana-11']);
    for (const { message } of of(name)) assert.ok(message.startsWith(words), message);
  });
}

test('nothing else is wrong', () => assert.deepStrictEqual(found.filter(({ name }) => !(name in dashboards)), []));

test('what only the newer Grafana has is wrong for the older one', () => {
  const newer = JSON.parse(sample);
  newer.panels[0].options = { orientation: 'vertical' };
  assert.deepStrictEqual(complaints({ newer }).map(({ version }) => version), ['grafana-10']);
});
