// Where panels are, in pixels, with rows collapsed or expanded: Grafana's grid of 24 columns. Pure.

import type { Panel } from './dashboard_json.ts';

const COLUMNS = 24;
const CELL = 30;
const GAP = 8;

export interface Placed {
  panel: Panel;
  collapsed: boolean;
  left: number;
  top: number;
  width: number;
  height: number;
}

/** `expand` names rows to be opened that are stored collapsed; what is below moves down. */
export function layOut(panels: Panel[], width: number, expand: string[]): Placed[] {
  const placed: Placed[] = [];
  let shift = 0;
  for (const panel of [...panels].sort(byPlace)) {
    const opened = panel.type === 'row' && !!panel.collapsed && expand.includes(panel.title ?? '');
    placed.push(place(panel, shift, width, panel.type === 'row' && !!panel.collapsed && !opened));
    if (!opened) {
      continue;
    }
    const inside = [...(panel.panels ?? [])].sort(byPlace);
    // Stored places of what is in a collapsed row may lie anywhere: the first one goes right below the row.
    const raise = panel.gridPos.y + 1 - Math.min(...inside.map(({ gridPos }) => gridPos.y));
    placed.push(...inside.map((child) => place(child, shift + raise, width, false)));
    shift += Math.max(0, ...inside.map(({ gridPos }) => gridPos.y + gridPos.h + raise - panel.gridPos.y - 1));
  }
  return placed;
}

export function bottom(placed: Placed[]): number {
  return Math.max(0, ...placed.map(({ top, height }) => top + height));
}

function byPlace(a: Panel, b: Panel): number {
  return a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x;
}

function place(panel: Panel, shift: number, width: number, collapsed: boolean): Placed {
  const column = (width - GAP * (COLUMNS - 1)) / COLUMNS;
  const { x, y, w, h } = panel.gridPos;
  return {
    panel,
    collapsed,
    left: Math.round(x * (column + GAP)),
    top: (y + shift) * (CELL + GAP),
    width: Math.round(w * column + (w - 1) * GAP),
    height: h * CELL + (h - 1) * GAP,
  };
}
