// What a panel shows: its queries asked, its transformations and its field configuration applied.

import { applyFieldOverrides, cacheFieldDisplayNames, type DataFrame, type GrafanaTheme2 } from '@grafana/data';
import { complain, complainOfUnknown } from './complaints.ts';
import type { Job, Panel, Target } from './dashboard_json.ts';
import * as durations from './durations.ts';
import { completed, registryOf } from './field_config.ts';
import { seriesFrames, tableFrames } from './frames.ts';
import { instantQuery, rangeQuery } from './prometheus.ts';
import { transformed } from './transformations.ts';
import { inQuery, inText, type Values } from './variables.ts';

export interface PanelData {
  frames: DataFrame[];
  fieldConfig: any;
  replace: (text: string, scoped?: any) => string;
  failure?: string;
}

// Of panels and queries, what changes what is seen or is nothing to us. All else is complained of.
const OF_PANELS = [
  'id', 'type', 'title', 'description', 'gridPos', 'datasource', 'targets', 'fieldConfig', 'options', 'transformations', 'links',
  'interval', 'maxDataPoints', 'transparent', 'pluginVersion', 'collapsed', 'panels',
];
const OF_TARGETS = [
  'refId', 'expr', 'legendFormat', 'format', 'instant', 'range', 'interval', 'hide', 'datasource', 'editorMode', 'exemplar',
];

export function nameOf(panel: Panel): string {
  return `panel ${panel.id} "${panel.title ?? ''}"`;
}

export async function panelData(panel: Panel, job: Job, variables: Values, width: number, theme: GrafanaTheme2): Promise<PanelData> {
  const where = nameOf(panel);
  complainOfUnknown(panel, OF_PANELS, where);
  const fieldConfig = completed(panel.fieldConfig, panel.type, where);
  const replace = replacer(variables, where);
  let frames: DataFrame[] = [];
  let failure: string | undefined;
  try {
    const targets = (panel.targets ?? []).filter(({ hide }) => !hide);
    const answers = await Promise.all(targets.map((target) => asked(target, panel, job, variables, width, targets.length === 1)));
    frames = await transformed(answers.flat(), panel, where, replace);
  } catch (error) {
    failure = (error as Error).message;
    complain(where, failure);
  }
  const fieldConfigRegistry = registryOf(panel.type);
  frames = applyFieldOverrides({ data: frames, fieldConfig, fieldConfigRegistry, replaceVariables: replace, theme, timeZone: 'browser' });
  cacheFieldDisplayNames(frames);
  return { frames, fieldConfig, replace, failure };
}

async function asked(target: Target, panel: Panel, job: Job, variables: Values, width: number, alone: boolean): Promise<DataFrame[]> {
  const where = `${nameOf(panel)}, query ${target.refId}`;
  complainOfUnknown(target, OF_TARGETS, where);
  const own = target.interval || panel.interval;
  const scrape = durations.milliseconds(own || job.scrapeInterval);
  const step = durations.step(job.to - job.from, panel.maxDataPoints ?? width, scrape);
  const values = { ...variables, ...durations.builtIn(job.from, job.to, step, scrape) };
  const unknown = (name: string) => complain(where, `$${name} has no value`);
  const expr = inQuery(target.expr, values, unknown);
  const query = { refId: target.refId, expr, legendFormat: inText(target.legendFormat ?? '', values, unknown) };
  const instant = !!target.instant && !target.range;
  const answer = instant ? await instantQuery(expr, job.to) : await rangeQuery(expr, job.from, job.to, step);
  switch (target.format ?? 'time_series') {
    case 'table':
      return tableFrames(answer, query, alone);
    case 'time_series':
      return seriesFrames(answer, query, instant ? undefined : step);
    default:
      complain(where, `the format ${target.format} is not known to this renderer`);
      return [];
  }
}

/** For titles, names of fields and links. What is of a row (`__data`, `__value`) is in links only, which nobody can click. */
function replacer(variables: Values, where: string) {
  return (text: string, scoped?: any): string => {
    const labels = scoped?.__dataContext?.value?.field?.labels ?? {};
    const named = text.replace(/\$\{__field\.labels\.(\w+)\}/g, (_, name) => labels[name] ?? '');
    return inText(named, variables, (name) => {
      if (!/^__(data|value|url_time_range)/.test(name)) {
        complain(where, `$${name} has no value`);
      }
    });
  };
}
