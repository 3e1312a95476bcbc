// The properties of fields that Grafana's panels have, with their defaults: Grafana registers them in its application, which
// npm has not. What is not here is complained of.

import {
  FieldConfigOptionsRegistry,
  identityOverrideProcessor,
  displayNameOverrideProcessor,
  type Field,
  type FieldConfigPropertyItem,
} from '@grafana/data';
import { complain, complainOfUnknown } from './complaints.ts';
import type { FieldConfigJson } from './dashboard_json.ts';

const STANDARD = [
  'unit', 'min', 'max', 'fieldMinMax', 'decimals', 'displayName', 'noValue', 'thresholds', 'mappings', 'links', 'color', 'filterable',
];
const NO_MATTER = ['filterable', 'inspect']; // for the mouse

const AXIS = { axisPlacement: 'auto', axisColorMode: 'text', axisCenteredZero: false, axisBorderShow: false };
const HIDE = { hideFrom: { viz: false, legend: false, tooltip: false } };

/** The custom properties by type of panel, with what they are where nothing is said. undefined: nothing. */
const CUSTOM: Record<string, Record<string, unknown>> = {
  timeseries: {
    ...AXIS, ...HIDE,
    axisLabel: undefined, axisWidth: undefined, axisSoftMin: undefined, axisSoftMax: undefined, axisGridShow: undefined,
    drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, lineStyle: undefined, fillOpacity: 0, gradientMode: 'none',
    fillBelowTo: undefined, spanNulls: false, insertNulls: false, showPoints: 'auto', pointSize: 5, barAlignment: 0,
    barWidthFactor: 0.6, stacking: { mode: 'none', group: 'A' }, scaleDistribution: { type: 'linear' },
    thresholdsStyle: { mode: 'off' }, transform: undefined,
  },
  table: {
    align: 'auto', cellOptions: { type: 'auto' }, width: undefined, minWidth: undefined, filterable: undefined, inspect: false,
    hideFrom: HIDE.hideFrom, wrapHeaderText: undefined,
  },
  bargauge: {}, stat: {}, text: {},
};
const COLOR: Record<string, string> = { timeseries: 'palette-classic' };
const THRESHOLDS = { mode: 'absolute', steps: [{ value: null, color: 'green' }, { value: 80, color: 'red' }] };
const MATCHERS = ['byName', 'byRegexp', 'byType', 'byFrameRefID', 'byNames'];

export function registryOf(type: string): FieldConfigOptionsRegistry {
  const custom = Object.keys(CUSTOM[type] ?? {}).map((name) => item(name, true));
  return new FieldConfigOptionsRegistry(() => [...STANDARD.map((name) => item(name, false)), ...custom]);
}

function item(name: string, isCustom: boolean): FieldConfigPropertyItem {
  return {
    id: isCustom ? `custom.${name}` : name,
    path: name,
    name,
    isCustom,
    settings: name === 'displayName' ? { expandTemplateVars: true } : {},
    process: name === 'displayName' ? displayNameOverrideProcessor : identityOverrideProcessor,
    shouldApply: (field: Field) => name !== 'thresholds' || field.type === 'number',
  } as unknown as FieldConfigPropertyItem;
}

/** With Grafana's defaults filled in. */
export function completed(json: FieldConfigJson | undefined, type: string, where: string): FieldConfigJson {
  const { defaults = {}, overrides = [] } = json ?? {};
  const custom = defaultsOf(type);
  complainOfUnknown({ ...defaults, custom: undefined }, [...STANDARD, 'custom'], where);
  complainOfUnknown(defaults.custom, Object.keys(CUSTOM[type] ?? {}), where);
  return {
    defaults: {
      ...defaults,
      color: defaults.color ?? { mode: COLOR[type] ?? 'thresholds' },
      mappings: defaults.mappings ?? [],
      thresholds: withoutNull(defaults.thresholds ?? THRESHOLDS),
      custom: { ...custom, ...defaults.custom },
    },
    overrides: overrides.map(({ matcher, properties }) => {
      if (!MATCHERS.includes(matcher.id)) {
        complain(where, `overrides ${matcher.id} are not known to this renderer`);
      }
      return { matcher, properties: properties.map(({ id, value }) => override(id, value, type, where)) };
    }),
  };
}

function defaultsOf(type: string): Record<string, unknown> {
  const all = Object.entries(CUSTOM[type] ?? {});
  return Object.fromEntries(all.filter(([name, value]) => value !== undefined && !NO_MATTER.includes(name)));
}

function override(id: string, value: unknown, type: string, where: string) {
  const custom = id.startsWith('custom.') ? id.slice('custom.'.length) : undefined;
  if (custom === undefined ? !STANDARD.includes(id) : !(custom in (CUSTOM[type] ?? {}))) {
    complain(where, `the override of ${id} is not known to this renderer`);
  }
  return { id, value: id === 'thresholds' ? withoutNull(value) : value };
}

/** JSON has no -Infinity: null stands for it. */
function withoutNull(thresholds: any) {
  const steps = thresholds.steps.map((step: { value: number | null }) => ({ ...step, value: step.value ?? -Infinity }));
  return { ...thresholds, steps };
}
