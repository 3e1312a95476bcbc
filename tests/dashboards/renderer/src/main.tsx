// Reads what to draw, asks Prometheus, draws; tells the driver in window.picture when it is done.

import '@fontsource/inter/400.css';
import '@fontsource/inter/500.css';
import '@fontsource/roboto-mono/400.css';
import '@fontsource/roboto-mono/500.css';
import { createRoot } from 'react-dom/client';
import { createTheme, dateTime, ThemeContext, type TimeRange } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { marks } from './annotations.ts';
import { choose } from './choice.ts';
import { complain, complainOfUnknown, complaints } from './complaints.ts';
import { DashboardPage, MARGIN } from './dashboard.tsx';
import type { Job, Panel } from './dashboard_json.ts';
import { layOut } from './layout.ts';
import { nameOf, panelData, type PanelData } from './panel_data.ts';
import { KINDS } from './panels/kinds.ts';

const SETTLED = 1500; // milliseconds until the components have measured themselves and drawn again
const FONTS = ['400 14px Inter', '500 14px Inter', '400 14px "Roboto Mono"', '500 14px "Roboto Mono"'];

declare global {
  interface Window {
    picture?: { complaints: readonly string[]; drawn: number };
    __grafana_public_path__: string;
  }
}

async function main(): Promise<void> {
  window.__grafana_public_path__ = '/public/';
  const job: Job = await (await fetch('/job.json')).json();
  const theme = createTheme({ colors: { mode: 'dark' } });
  await Promise.all(FONTS.map((font) => document.fonts.load(font)));
  const variables = await choose(job);
  const placed = layOut(job.dashboard.panels, document.documentElement.clientWidth - 2 * MARGIN, job.expand);
  const data = new Map<number, PanelData>();
  for (const { panel, width } of placed.filter(({ panel }) => panel.type !== 'row')) {
    checkOptions(panel);
    data.set(panel.id, await panelData(panel, job, variables, width, theme));
  }
  const [from, to] = [dateTime(job.from), dateTime(job.to)];
  const range: TimeRange = { from, to, raw: { from, to } };
  const drawn = { job, variables, placed, data, range, theme, marks: await marks(job, variables, theme.visualization.getColorByName) };
  createRoot(document.getElementById('root')!).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <DashboardPage {...drawn} />
      <PortalContainer />
    </ThemeContext.Provider>,
  );
  await new Promise((resolve) => setTimeout(resolve, SETTLED));
  window.picture = { complaints: complaints(), drawn: data.size };
}

function checkOptions(panel: Panel): void {
  const kind = KINDS[panel.type];
  complainOfUnknown(panel.options, kind?.known ?? [], nameOf(panel));
  const cannot = kind?.cannot?.(panel.options ?? {});
  if (cannot) {
    complain(nameOf(panel), `${cannot} is not drawn by this renderer`);
  }
}

main().catch((error: Error) => {
  window.picture = { complaints: [`nothing drawn: ${error.message}`], drawn: 0 };
});
