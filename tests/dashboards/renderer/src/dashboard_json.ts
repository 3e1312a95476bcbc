// What of a dashboard's JSON (classic schema) is read here.

export interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Target {
  refId: string;
  expr: string;
  legendFormat?: string;
  format?: string;
  instant?: boolean;
  range?: boolean;
  interval?: string;
  hide?: boolean;
}

export interface Property {
  id: string;
  value?: unknown;
}

export interface FieldConfigJson {
  defaults: Record<string, any>;
  overrides: Array<{ matcher: { id: string; options?: unknown }; properties: Property[] }>;
}

export interface Panel {
  id: number;
  type: string;
  title?: string;
  description?: string;
  gridPos: GridPos;
  targets?: Target[];
  fieldConfig?: FieldConfigJson;
  options?: Record<string, any>;
  transformations?: Array<{ id: string; options?: Record<string, any>; disabled?: boolean }>;
  links?: Array<{ title: string; url: string }>;
  interval?: string;
  maxDataPoints?: number;
  transparent?: boolean;
  collapsed?: boolean;
  panels?: Panel[];
}

export interface VariableJson {
  name: string;
  type: string;
  label?: string;
  query?: string | { query: string };
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string | null;
  hide?: number;
  current?: { text?: string | string[]; value?: string | string[] };
}

export interface AnnotationJson {
  name: string;
  enable: boolean;
  hide?: boolean;
  iconColor?: string;
  expr?: string;
  step?: string;
  builtIn?: number;
  useValueForTime?: boolean | string;
}

export interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
  templating?: { list: VariableJson[] };
  annotations?: { list: AnnotationJson[] };
  links?: Array<{ title: string; type?: string; icon?: string }>;
  timezone?: string;
}

// What is asked for: served by the driver as /job.json.
export interface Job {
  dashboard: Dashboard;
  from: number; // milliseconds
  to: number;
  variables: Record<string, string[]>;
  expand: string[]; // titles of rows
  scrapeInterval: string; // the data source's, as in Grafana's settings
  annotationStep?: string; // in place of those of the dashboard's annotations
}
