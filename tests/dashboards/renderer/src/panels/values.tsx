// stat, bargauge and gauge: a few values, each reduced from a field.

import { getDisplayProcessor, getDisplayValueAlignmentFactors, getFieldDisplayValues, VizOrientation } from '@grafana/data';
import { BarGauge, BigValue, VizRepeater } from '@grafana/ui';
import type { Drawn, Kind } from './parts.ts';

const REDUCE = { values: false, calcs: ['lastNotNull'], fields: '' };
const COMMON = ['reduceOptions', 'orientation', 'text'];

function valuesOf({ data, options, theme }: Drawn, sparkline: boolean) {
  return getFieldDisplayValues({
    fieldConfig: data.fieldConfig,
    reduceOptions: { ...REDUCE, ...options.reduceOptions },
    replaceVariables: data.replace,
    theme,
    data: data.frames,
    sparkline,
    percentChange: options.showPercentChange,
    timeZone: 'browser',
  });
}

function Stat(drawn: Drawn) {
  const { options, width, height, theme, range } = drawn;
  const values = valuesOf(drawn, options.graphMode !== 'none');
  return (
    <VizRepeater
      getValues={() => values}
      getAlignmentFactors={(all) => getDisplayValueAlignmentFactors(all)}
      source={values}
      renderCounter={0}
      autoGrid
      itemSpacing={3}
      orientation={options.orientation}
      width={width}
      height={height}
      renderValue={({ value, alignmentFactors, width, height, count }) => (
        <BigValue
          value={value.display}
          sparkline={value.sparkline && { ...value.sparkline, timeRange: range }}
          count={count}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode={options.justifyMode}
          textMode={options.textMode}
          percentChangeColorMode={options.percentChangeColorMode}
          disableWideLayout={!options.wideLayout}
          alignmentFactors={alignmentFactors}
          text={options.text}
          width={width}
          height={height}
          theme={theme}
        />
      )}
    />
  );
}

function Bars(drawn: Drawn) {
  const { options, width, height, theme } = drawn;
  const values = valuesOf(drawn, false);
  // As Grafana sizes them: "auto" fills the panel, "manual" keeps to the bounds given.
  const manual = options.sizing === 'manual';
  return (
    <VizRepeater
      getValues={() => values}
      getAlignmentFactors={(all) => getDisplayValueAlignmentFactors(all)}
      source={values}
      renderCounter={0}
      itemSpacing={options.displayMode === 'lcd' ? 2 : 10}
      orientation={options.orientation}
      width={width}
      height={height}
      minVizWidth={manual ? options.minVizWidth : 8}
      minVizHeight={manual ? options.minVizHeight : options.namePlacement === 'top' ? 40 : 16}
      maxVizHeight={manual ? options.maxVizHeight : 300}
      renderValue={({ value, alignmentFactors, orientation, width, height, count }) => (
        <BarGauge
          value={count === 1 && !value.field.displayName ? { ...value.display, title: undefined } : value.display}
          field={value.field}
          display={getDisplayProcessor({ field: { config: value.field, type: 'number' as any }, theme })}
          orientation={orientation}
          displayMode={options.displayMode}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
          showUnfilled={options.showUnfilled}
          alignmentFactors={alignmentFactors}
          text={options.text}
          itemSpacing={options.displayMode === 'lcd' ? 2 : 10}
          isOverflow={false}
          width={width}
          height={height}
          theme={theme}
        />
      )}
    />
  );
}

export const STAT: Kind = {
  draw: Stat,
  known: [...COMMON, 'colorMode', 'graphMode', 'justifyMode', 'textMode', 'wideLayout', 'showPercentChange', 'percentChangeColorMode'],
  defaults: {
    orientation: VizOrientation.Auto, colorMode: 'value', graphMode: 'area', justifyMode: 'auto', textMode: 'auto', wideLayout: true,
    showPercentChange: false, percentChangeColorMode: 'standard',
  },
  drawsNothing: true,
};

export const BARGAUGE: Kind = {
  draw: Bars,
  known: [
    ...COMMON, 'displayMode', 'valueMode', 'namePlacement', 'showUnfilled', 'sizing', 'minVizWidth', 'minVizHeight', 'maxVizHeight',
    'legend.showLegend', 'legend.calcs', 'legend.displayMode', 'legend.placement',
  ],
  defaults: {
    orientation: VizOrientation.Auto, displayMode: 'gradient', valueMode: 'color', namePlacement: 'auto', showUnfilled: true,
    sizing: 'auto', minVizWidth: 8, minVizHeight: 16, maxVizHeight: 300,
  },
  drawsNothing: true,
};
