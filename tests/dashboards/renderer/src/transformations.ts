// A panel's transformations, by Grafana's own code.

import { standardTransformers, standardTransformersRegistry, transformDataFrame, type DataFrame } from '@grafana/data';
import { complain } from './complaints.ts';
import type { Panel } from './dashboard_json.ts';

// One of them is there under two names.
standardTransformersRegistry.setInit(() =>
  [...new Set(Object.values(standardTransformers))].map(
    (transformation) => ({ id: transformation.id, transformation, name: transformation.name }) as any,
  ),
);

export async function transformed(
  frames: DataFrame[],
  panel: Panel,
  where: string,
  replace: (text: string) => string,
): Promise<DataFrame[]> {
  const wanted = (panel.transformations ?? []).filter(({ disabled }) => !disabled);
  const unknown = wanted.filter(({ id }) => !standardTransformersRegistry.getIfExists(id));
  for (const { id } of unknown) {
    complain(where, `the transformation ${id} is not known to this renderer`);
  }
  const known = wanted.filter((one) => !unknown.includes(one)).map(({ id, options }) => ({ id, options: options ?? {} }));
  return new Promise((resolve, reject) => {
    transformDataFrame(known, frames, { interpolate: replace }).subscribe({ next: resolve, error: reject });
  });
}
