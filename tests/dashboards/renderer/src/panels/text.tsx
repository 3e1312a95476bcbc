import { renderTextPanelMarkdown, textUtil } from '@grafana/data';
import { complain } from '../complaints.ts';
import { nameOf } from '../panel_data.ts';
import type { Drawn, Kind } from './parts.ts';

function Text({ panel, options, data }: Drawn) {
  const content = data.replace(options.content ?? '');
  if (options.mode === 'code') {
    complain(nameOf(panel), 'text as code is not known to this renderer');
  }
  const html = options.mode === 'markdown' ? renderTextPanelMarkdown(content) : textUtil.sanitize(content);
  return <div className="markdown-html" dangerouslySetInnerHTML={{ __html: html }} />;
}

export const TEXT: Kind = {
  draw: Text,
  known: ['content', 'mode', 'code'],
  defaults: { mode: 'markdown' },
  drawsNothing: true,
};
