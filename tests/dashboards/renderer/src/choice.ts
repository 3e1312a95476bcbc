// What the dashboard's variables stand for: as chosen by the driver, else by the dashboard, else as Grafana chooses.

import { complain } from './complaints.ts';
import type { Job, VariableJson } from './dashboard_json.ts';
import { labelValues } from './prometheus.ts';
import { inQuery, type Value, type Values } from './variables.ts';

const LABEL_VALUES = /^label_values\(\s*(.+?)\s*,\s*(\w+)\s*\)$/s;

export async function choose(job: Job): Promise<Values> {
  const values: Values = {};
  const variables = job.dashboard.templating?.list ?? [];
  for (const variable of variables) {
    values[variable.name] = await valueOf(variable, job, values);
  }
  for (const name of Object.keys(job.variables)) {
    if (!variables.some((variable) => variable.name === name)) {
      complain('--var', `the dashboard has no variable ${name}; it has ${variables.map((v) => v.name).join(', ')}`);
    }
  }
  return values;
}

async function valueOf(variable: VariableJson, job: Job, before: Values): Promise<Value> {
  const multi = !!variable.multi || !!variable.includeAll;
  const asked = job.variables[variable.name];
  if (variable.type === 'datasource') {
    return { values: asked ?? ['Prometheus'], multi: false };
  }
  if (variable.type !== 'query') {
    complain(`variable ${variable.name}`, `type ${variable.type} is not known to this renderer`);
    return { values: asked ?? [], multi };
  }
  const there = await options(variable, job, before);
  if (asked) {
    const absent = asked.filter((value) => !there.includes(value));
    if (absent.length > 0) {
      complain(`--var ${variable.name}`, `no ${absent.join(', ')} in Prometheus; there is ${there.join(', ') || 'none'}`);
    }
    return { values: asked, multi };
  }
  const stored = [variable.current?.value ?? []].flat().filter((value) => value !== '');
  if (stored.includes('$__all') || (stored.length === 0 && variable.includeAll)) {
    return variable.allValue
      ? { values: [variable.allValue], multi: false, raw: true, label: 'All' }
      : { values: there, multi, label: 'All' };
  }
  const kept = stored.filter((value) => there.includes(value));
  return { values: kept.length > 0 ? kept : there.slice(0, 1), multi };
}

async function options(variable: VariableJson, job: Job, before: Values): Promise<string[]> {
  const text = typeof variable.query === 'string' ? variable.query : (variable.query?.query ?? '');
  const found = LABEL_VALUES.exec(text);
  if (!found) {
    complain(`variable ${variable.name}`, `query ${text} is not known to this renderer`);
    return [];
  }
  const selector = inQuery(found[1]!, before, (name) => complain(`variable ${variable.name}`, `$${name} has no value`));
  return labelValues(found[2]!, selector, job.from, job.to);
}
