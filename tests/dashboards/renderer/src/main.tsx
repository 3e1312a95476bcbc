// Reads what to draw, asks Prometheus, draws; tells the driver in window.picture when it is done.

import type { ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { createTheme, dateTime, ThemeContext, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { marks } from './annotations.ts';
import { blank } from './blank.ts';
import { choose } from './choice.ts';
import { clipped } from './clipped.ts';
import { complain, complainOfUnknown, complaints } from './complaints.ts';
import { DashboardPage, MARGIN } from './dashboard.tsx';
import type { Job, Panel } from './dashboard_json.ts';
import { layOut } from './layout.ts';
import { nameOf, panelData, type PanelData } from './panel_data.ts';
import { KINDS } from './panels/kinds.ts';

const QUIET = 1000; // milliseconds without a change: the components have measured themselves, and their icons are there
const TRIES = 10; // as often is the page looked at again for panels that are blank
const FONTS = ['400 14px Inter', '500 14px Inter', '400 14px "Roboto Mono"', '500 14px "Roboto Mono"'];

declare global {
  interface Window {
    picture?: { complaints: readonly string[]; clipped: string[] };
    blank: () => string[];
    __grafana_public_path__: string;
  }
}

async function main(): Promise<void> {
  window.__grafana_public_path__ = '/public/';
  const job: Job = await (await fetch('/job.json')).json();
  const theme = createTheme({ colors: { mode: 'dark' } });
  const root = createRoot(document.getElementById('root')!);
  // The components measure text before they draw it: the fonts that the styles name have to be there first.
  flushSync(() => root.render(<Styled theme={theme} />));
  await Promise.all(FONTS.map(loaded));
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
  root.render(
    <Styled theme={theme}>
      <DashboardPage {...drawn} />
      <PortalContainer />
    </Styled>,
  );
  await quiet();
  for (let tries = 0; blank().length > 0 && tries < TRIES; ++tries) {
    window.dispatchEvent(new Event('resize')); // whoever waits to be measured is
    await quiet();
  }
  blank().forEach((name) => complain(name, 'nothing is drawn'));
  window.blank = blank;
  window.picture = { complaints: complaints(), clipped: clipped() };
}

function Styled({ theme, children }: { theme: GrafanaTheme2; children?: ReactNode }) {
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      {children}
    </ThemeContext.Provider>
  );
}

async function loaded(font: string): Promise<void> {
  if ((await document.fonts.load(font)).length === 0) {
    complain('fonts', `no ${font}`);
  }
}

function quiet(): Promise<void> {
  return new Promise((resolve) => {
    let waiting = setTimeout(resolve, QUIET);
    new MutationObserver(() => {
      clearTimeout(waiting);
      waiting = setTimeout(resolve, QUIET);
    }).observe(document.body, { attributes: true, childList: true, subtree: true });
  });
}

function checkOptions(panel: Panel): void {
  const kind = KINDS[panel.type];
  if (!kind) {
    complain(nameOf(panel), `panels of the type ${panel.type} are not drawn by this renderer`);
    return;
  }
  complainOfUnknown(panel.options, kind.known, nameOf(panel));
  const cannot = kind.cannot?.(panel.options ?? {});
  if (cannot) {
    complain(nameOf(panel), `${cannot} is not drawn by this renderer`);
  }
}

main().catch((error: Error) => {
  const text = `nothing drawn: ${error.message}`;
  document.getElementById('root')!.textContent = text;
  window.picture = { complaints: [text], clipped: [] };
});
