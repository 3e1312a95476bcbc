import { TableNG } from '@grafana/ui/unstable';
import type { Drawn, Kind } from './parts.ts';

function Rows({ data, options, width, height, range }: Drawn) {
  const frame = data.frames[options.frameIndex] ?? data.frames[0]!;
  return (
    <TableNG
      data={frame}
      width={width}
      height={height}
      noHeader={!options.showHeader}
      cellHeight={options.cellHeight}
      initialSortBy={options.sortBy}
      enablePagination={options.enablePagination}
      showTypeIcons={options.showTypeIcons}
      timeRange={range}
      fieldConfig={data.fieldConfig}
      enableVirtualization={false}
    />
  );
}

export const TABLE: Kind = {
  draw: Rows,
  known: ['showHeader', 'cellHeight', 'sortBy', 'frameIndex', 'enablePagination', 'showTypeIcons', 'footer'],
  cannot: ({ footer }) => (footer?.show ? 'the footer of a table' : undefined),
  defaults: { showHeader: true, cellHeight: 'sm', sortBy: [], frameIndex: 0 },
  padding: 'none',
};
