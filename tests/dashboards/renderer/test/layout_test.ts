import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Panel } from '../src/dashboard_json.ts';
import { bottom, layOut } from '../src/layout.ts';

const panel = (id: number, type: string, x: number, y: number, w: number, h: number, more: object = {}): Panel => ({
  id, type, gridPos: { x, y, w, h }, ...more,
});
const panels = [
  panel(4, 'stat', 12, 1, 12, 8),
  panel(1, 'row', 0, 0, 24, 1, { title: 'Talkers', collapsed: true, panels: [panel(2, 'table', 0, 1, 24, 8), panel(3, 'table', 0, 9, 24, 4)] }),
];
const places = (expand: string[]) => layOut(panels, 1568, expand).map(({ panel, top, left, width, height }) => [panel.id, left, top, width, height]);

test('a collapsed row hides what is in it', () => {
  assert.deepEqual(places([]), [[1, 0, 0, 1568, 30], [4, 788, 38, 780, 296]]);
});

test('an opened row moves what is below it', () => {
  assert.deepEqual(places(['Talkers']), [
    [1, 0, 0, 1568, 30],
    [2, 0, 38, 1568, 296],
    [3, 0, 342, 1568, 144],
    [4, 788, 494, 780, 296],
  ]);
  assert.equal(bottom(layOut(panels, 1568, ['Talkers'])), 790);
});
