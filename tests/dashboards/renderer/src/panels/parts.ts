// What every kind of panel is given to draw itself.

import type { GrafanaTheme2, TimeRange } from '@grafana/data';
import type { Panel } from '../dashboard_json.ts';
import type { Mark } from '../annotations.ts';
import type { PanelData } from '../panel_data.ts';

export interface Drawn {
  panel: Panel;
  data: PanelData;
  options: any; // the panel's, with Grafana's defaults
  width: number;
  height: number;
  range: TimeRange;
  marks: Mark[];
  theme: GrafanaTheme2;
}

/** A kind of panel: what draws it, which options it knows, and what they are where nothing is said. */
export interface Kind {
  draw: (drawn: Drawn) => JSX.Element;
  known: string[];
  cannot?: (options: any) => string | undefined; // a value of one of them that is not drawn, in words
  defaults: Record<string, unknown>;
  drawsNothing?: boolean; // it shows by itself that there is no data
  padding?: 'none';
}
