// The page: variables and time on top, then the panels in their grid.

import { Component, type ReactNode } from 'react';
import { dateTimeFormat, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { Icon, PanelChrome } from '@grafana/ui';
import type { Mark } from './annotations.ts';
import { complaints, complain } from './complaints.ts';
import type { Job } from './dashboard_json.ts';
import { bottom, type Placed } from './layout.ts';
import { nameOf, type PanelData } from './panel_data.ts';
import { KINDS } from './panels/kinds.ts';
import type { Values } from './variables.ts';

declare const GRAFANA_UI_VERSION: string;

export const MARGIN = 16;

export interface Picture {
  job: Job;
  variables: Values;
  placed: Placed[];
  data: Map<number, PanelData>;
  marks: Mark[];
  range: TimeRange;
  theme: GrafanaTheme2;
}

export function DashboardPage(picture: Picture) {
  const { placed, theme } = picture;
  return (
    <div style={{ padding: MARGIN, background: theme.colors.background.canvas, color: theme.colors.text.primary }}>
      <Complaints theme={theme} />
      <Header {...picture} />
      <div style={{ position: 'relative', height: bottom(placed) }}>
        {placed.map((one) => (
          <div
            key={one.panel.id}
            data-panel={nameOf(one.panel)}
            style={{ position: 'absolute', left: one.left, top: one.top, width: one.width, height: one.height }}
          >
            {one.panel.type === 'row' ? <Row {...one} picture={picture} /> : <Framed {...one} picture={picture} />}
          </div>
        ))}
      </div>
      <div style={{ marginTop: 8, fontSize: 11, textAlign: 'right', color: theme.colors.text.disabled }}>
        drawn with Grafana's UI components {GRAFANA_UI_VERSION} from the dashboard's JSON and a running Prometheus, not by Grafana
      </div>
    </div>
  );
}

function Complaints({ theme }: { theme: GrafanaTheme2 }) {
  if (complaints().length === 0) {
    return null;
  }
  return (
    <div style={{ background: theme.colors.error.main, color: theme.colors.error.contrastText, padding: 16, marginBottom: 16 }}>
      <h3>Not drawn as Grafana would:</h3>
      {complaints().map((text) => <div key={text}>{text}</div>)}
    </div>
  );
}

function Header({ job, variables, range, theme }: Picture) {
  const border = `1px solid ${theme.colors.border.medium}`;
  const box = { border, height: 32, lineHeight: '30px', padding: '0 8px', borderRadius: theme.shape.radius.default };
  const shown = (job.dashboard.templating?.list ?? []).filter(({ hide }) => hide !== 2);
  const moment = (date: TimeRange['from']) => dateTimeFormat(date, { format: 'YYYY-MM-DD HH:mm:ss' });
  return (
    <div style={{ display: 'flex', alignItems: 'center', gap: 16, marginBottom: 16 }}>
      <div style={{ ...theme.typography.h3, margin: 0 }}>{job.dashboard.title}</div>
      {shown.map(({ name, label }) => (
        <div key={name} style={{ display: 'flex', fontSize: 12, fontWeight: 500 }}>
          <div style={{ ...box, background: theme.colors.background.secondary }}>{label || name}</div>
          <div style={{ ...box, marginLeft: -1, fontSize: 14, fontWeight: 400, background: theme.components.input.background }}>
            {variables[name]!.label ?? variables[name]!.values.join(' + ')}
          </div>
        </div>
      ))}
      <div style={{ ...box, marginLeft: 'auto', background: theme.colors.background.secondary }}>
        <Icon name="clock-nine" /> {moment(range.from)} to {moment(range.to)}
      </div>
    </div>
  );
}

function Row({ panel, collapsed, picture }: Placed & { picture: Picture }) {
  const { theme } = picture;
  const count = panel.panels?.length ?? 0;
  return (
    <div style={{ display: 'flex', alignItems: 'center', height: '100%', gap: 8, ...theme.typography.h6, marginBottom: 0 }}>
      <Icon name={collapsed ? 'angle-right' : 'angle-down'} />
      {picture.data.get(panel.id)?.replace(panel.title ?? '') ?? panel.title}
      {collapsed && (
        <span style={{ ...theme.typography.bodySmall, color: theme.colors.text.secondary }}>
          ({count} {count === 1 ? 'panel' : 'panels'})
        </span>
      )}
    </div>
  );
}

function Framed({ panel, width, height, picture }: Placed & { picture: Picture }) {
  const { theme, range, marks } = picture;
  const data = picture.data.get(panel.id)!;
  const kind = KINDS[panel.type];
  const empty = data.frames.every((frame) => frame.length === 0);
  const links = panel.links?.length ? [<Links key="links" theme={theme} />] : [];
  return (
    <PanelChrome
      width={width}
      height={height}
      title={data.replace(panel.title ?? '')}
      description={panel.description}
      titleItems={links}
      padding={kind?.padding}
      displayMode={panel.transparent ? 'transparent' : 'default'}
      statusMessage={data.failure}
    >
      {(innerWidth, innerHeight) => {
        if (!kind || data.failure) {
          return <Message theme={theme} text={data.failure ?? `${panel.type}: this renderer cannot draw it`} loud />;
        }
        if (empty && !kind.drawsNothing) {
          return <Message theme={theme} text={data.fieldConfig.defaults.noValue ?? 'No data'} />;
        }
        const options = { ...kind.defaults, ...panel.options };
        return (
          <Guarded where={nameOf(panel)} theme={theme}>
            <kind.draw {...{ panel, data, options, range, marks, theme, width: innerWidth, height: innerHeight }} />
          </Guarded>
        );
      }}
    </PanelChrome>
  );
}

function Links({ theme }: { theme: GrafanaTheme2 }) {
  return <Icon name="external-link-alt" style={{ color: theme.colors.text.secondary, margin: '0 4px' }} />;
}

function Message({ theme, text, loud = false }: { theme: GrafanaTheme2; text: string; loud?: boolean }) {
  return (
    <div style={{ display: 'flex', alignItems: 'center', justifyContent: 'center', height: '100%', textAlign: 'center', padding: 8 }}>
      <div style={{ fontSize: theme.typography.size.lg, color: loud ? theme.colors.error.text : theme.colors.text.secondary }}>{text}</div>
    </div>
  );
}

class Guarded extends Component<{ where: string; theme: GrafanaTheme2; children: ReactNode }, { failure?: string }> {
  state: { failure?: string } = {};

  static getDerivedStateFromError(error: Error) {
    return { failure: error.message };
  }

  componentDidCatch(error: Error): void {
    complain(this.props.where, error.message);
  }

  render() {
    return this.state.failure ? <Message theme={this.props.theme} text={this.state.failure} loud /> : this.props.children;
  }
}
