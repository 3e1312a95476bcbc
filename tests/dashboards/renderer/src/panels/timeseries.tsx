import { TimeSeries } from '@grafana/ui';
import { useMarks } from '../annotations.ts';
import type { Drawn, Kind } from './parts.ts';

function Lines({ data, options, width, height, range, marks }: Drawn) {
  return (
    <TimeSeries frames={data.frames} legend={options.legend} timeRange={range} timeZone="browser" width={width} height={height}>
      {(builder) => <Marks builder={builder} marks={marks} />}
    </TimeSeries>
  );
}

function Marks({ builder, marks }: Parameters<typeof useMarks>[0]) {
  useMarks({ builder, marks });
  return null;
}

export const TIMESERIES: Kind = {
  draw: Lines,
  known: [
    'legend.showLegend', 'legend.displayMode', 'legend.placement', 'legend.calcs', 'legend.sortBy', 'legend.sortDesc', 'legend.width',
    'tooltip', 'timezone',
  ],
  defaults: { legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] } },
};
