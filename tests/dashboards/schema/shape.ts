// What a dashboard of ours may look like, by the types that Grafana publishes. "grafana/..." is one version of them: check.mjs.
import type * as bargauge from 'grafana/bargauge';
import type * as dashboard from 'grafana/dashboard';
import type * as gauge from 'grafana/gauge';
import type * as prometheus from 'grafana/prometheus';
import type * as stat from 'grafana/stat';
import type * as statetimeline from 'grafana/statetimeline';
import type * as table from 'grafana/table';
import type * as text from 'grafana/text';
import type * as timeseries from 'grafana/timeseries';
import type * as units from 'grafana/units';

type Any<T> = 0 extends 1 & T ? true : false;
type Method = (...words: never[]) => unknown;

/** As it stands in JSON: enumerations by their words, without methods. */
type Json<T> = Any<T> extends true
  ? any
  : T extends string
    ? `${T}`
    : T extends (infer U)[]
      ? Json<U>[]
      : T extends object
        ? { [K in keyof T as T[K] extends Method ? never : K]: Json<T[K]> }
        : T;

/** The same, of what Grafana has a value for where none is given. */
type Partly<T> = Any<T> extends true
  ? any
  : T extends string
    ? `${T}`
    : T extends (infer U)[]
      ? Partly<U>[]
      : T extends object
        ? { [K in keyof T]?: Partly<T[K]> }
        : T;

type Unit = (typeof units)[keyof typeof units];
type Link = { title: string; url: string; targetBlank?: boolean };
type Datasource = Required<Json<dashboard.DataSourceRef>>;

// Of a panel's fields: `custom` is what only this type of panel knows.
type Field<Custom> = Omit<Json<dashboard.FieldConfig>, 'unit' | 'links' | 'custom'> & {
  unit?: Unit;
  links?: Link[];
  custom?: Partly<Custom>;
};
type Given<T> = { [K in keyof T & string]-?: { id: K; value: T[K] } }[keyof T & string];
type GivenCustom<T> = { [K in keyof T & string]-?: { id: `custom.${K}`; value: Partly<T[K]> } }[keyof T & string];
type Fields<Custom> = {
  defaults: Field<Custom>;
  overrides: {
    matcher: Json<dashboard.MatcherConfig>;
    properties: (Given<Omit<Field<Custom>, 'custom'>> | GivenCustom<Custom>)[];
  }[];
};
type None = Record<never, never>;

type Panel<Type extends string, Options, Custom> = Omit<
  Json<dashboard.Panel>,
  'type' | 'datasource' | 'gridPos' | 'links' | 'options' | 'fieldConfig' | 'targets'
> & {
  type: Type;
  id: number;
  datasource?: Datasource;
  gridPos: Json<dashboard.GridPos>;
  links?: Link[];
  options?: Partly<Options>;
  fieldConfig?: Fields<Custom>;
  targets?: (Json<prometheus.dataquery> & { datasource: Datasource })[];
};

export interface Panels {
  bargauge: Panel<'bargauge', bargauge.Options, None>;
  gauge: Panel<'gauge', gauge.Options, None>;
  row: Omit<Json<dashboard.RowPanel>, 'panels' | 'gridPos'> & { gridPos: Json<dashboard.GridPos>; panels: [] };
  stat: Panel<'stat', stat.Options, None>;
  'state-timeline': Panel<'state-timeline', statetimeline.Options, statetimeline.FieldConfig>;
  table: Panel<'table', table.Options, table.FieldConfig>;
  text: Panel<'text', text.Options, None>;
  timeseries: Panel<'timeseries', timeseries.Options, timeseries.FieldConfig>;
}

// What Grafana reads and writes, and no type of it says: how a variable's query reads, and its Prometheus data source's annotations.
type Variable = Omit<Json<dashboard.VariableModel>, 'current'> & {
  current?: Partly<dashboard.VariableOption>;
  definition?: string;
};
type Annotation = Omit<Json<dashboard.AnnotationQuery>, 'datasource'> & {
  datasource: Datasource;
  step?: string;
  titleFormat?: string;
  textFormat?: string;
  tagKeys?: string;
  useValueForTime?: boolean;
};

/** Without its panels, which are looked at one by one. __requires is for grafana.com. */
export type Dashboard = Omit<Json<dashboard.Dashboard>, 'annotations' | 'templating' | 'panels'> & {
  uid: string;
  annotations: { list: Annotation[] };
  templating: { list: Variable[] };
  panels: [];
  __requires: { type: 'grafana' | 'panel' | 'datasource'; id: string; name: string; version: string }[];
};
