// Annotations: asked of Prometheus as Grafana does, drawn as dashed lines with a triangle below.

import { useLayoutEffect, useRef } from 'react';
import type { UPlotConfigBuilder } from '@grafana/ui';
import type uPlot from 'uplot';
import { complain } from './complaints.ts';
import type { AnnotationJson, Job } from './dashboard_json.ts';
import * as durations from './durations.ts';
import { rangeQuery } from './prometheus.ts';
import { inQuery, type Values } from './variables.ts';

export interface Mark {
  from: number; // milliseconds
  to: number;
  color: string;
}

export async function marks(job: Job, variables: Values, color: (name: string) => string): Promise<Mark[]> {
  const wanted = (job.dashboard.annotations?.list ?? []).filter(({ enable, builtIn }) => enable && !builtIn);
  const found = await Promise.all(wanted.map(async (annotation) => {
    try {
      const spans = await spansOf(annotation, job, variables);
      return spans.map(([from, to]) => ({ from, to, color: color(annotation.iconColor ?? 'red') }));
    } catch (error) {
      complain(`annotation ${annotation.name}`, (error as Error).message);
      return [];
    }
  }));
  return found.flat();
}

async function spansOf(annotation: AnnotationJson, job: Job, variables: Values): Promise<Array<[number, number]>> {
  const scrape = durations.milliseconds(job.scrapeInterval);
  const step = Math.max(durations.milliseconds(job.annotationStep || annotation.step || '60s'), Math.ceil((job.to - job.from) / 11_000));
  const values = { ...variables, ...durations.builtIn(job.from, job.to, step, scrape) };
  const unknown = (name: string) => complain(`annotation ${annotation.name}`, `$${name} has no value`);
  const answer = await rangeQuery(inQuery(annotation.expr ?? '', values, unknown), job.from, job.to, step);
  if (answer.resultType !== 'matrix') {
    throw new Error(`an answer of the kind ${answer.resultType}`);
  }
  return answer.result.flatMap(({ values: samples }) => {
    const times = samples
      .filter(([, value]) => Number(value) > 0)
      .map(([seconds, value]) => (annotation.useValueForTime ? Number(value) : seconds * 1000));
    return together([...new Set(times)].filter((time) => time >= job.from && time <= job.to), step);
  });
}

/** Times no further apart than a step are one span. */
export function together(times: number[], step: number): Array<[number, number]> {
  const spans: Array<[number, number]> = [];
  for (const time of times) {
    const last = spans.at(-1);
    if (last && time - last[1] <= step) {
      last[1] = time;
    } else {
      spans.push([time, time]);
    }
  }
  return spans;
}

export function useMarks({ builder, marks }: { builder: UPlotConfigBuilder; marks: Mark[] }): void {
  const hooked = useRef<UPlotConfigBuilder>();
  useLayoutEffect(() => {
    if (hooked.current !== builder) {
      hooked.current = builder;
      builder.addHook('draw', (plot) => draw(plot, marks));
    }
  }, [builder, marks]);
}

function draw(plot: uPlot, marks: Mark[]): void {
  const { ctx, bbox } = plot;
  const pixels = devicePixelRatio;
  ctx.save();
  for (const { from, to, color } of marks) {
    const left = Math.round(plot.valToPos(from, 'x', true));
    const right = Math.round(plot.valToPos(to, 'x', true));
    ctx.strokeStyle = ctx.fillStyle = color;
    ctx.globalAlpha = 0.1;
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.globalAlpha = 1;
    ctx.lineWidth = 2 * pixels;
    ctx.setLineDash([5 * pixels, 5 * pixels]);
    for (const x of new Set([left, right])) {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    const below = bbox.top + bbox.height;
    if (right > left) {
      ctx.fillRect(left, below, right - left, 5 * pixels);
    } else {
      ctx.beginPath();
      ctx.moveTo(left, below);
      ctx.lineTo(left - 4 * pixels, below + 5 * pixels);
      ctx.lineTo(left + 4 * pixels, below + 5 * pixels);
      ctx.fill();
    }
  }
  ctx.restore();
}
