// The kinds of panels that can be drawn. `gauge` cannot: the component draws with a library that Grafana keeps to itself.

import type { Kind } from './parts.ts';
import { TABLE } from './table.tsx';
import { TEXT } from './text.tsx';
import { TIMESERIES } from './timeseries.tsx';
import { BARGAUGE, STAT } from './values.tsx';

export const KINDS: Record<string, Kind> = { stat: STAT, bargauge: BARGAUGE, timeseries: TIMESERIES, table: TABLE, text: TEXT };
