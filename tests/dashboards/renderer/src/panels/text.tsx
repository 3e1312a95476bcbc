import { renderTextPanelMarkdown, textUtil } from '@grafana/data';
import type { Drawn, Kind } from './parts.ts';

function Text({ options, data }: Drawn) {
  const content = data.replace(options.content ?? '');
  const html = options.mode === 'markdown' ? renderTextPanelMarkdown(content) : textUtil.sanitize(content);
  return <div className="markdown-html" dangerouslySetInnerHTML={{ __html: html }} />;
}

export const TEXT: Kind = {
  draw: Text,
  known: ['content', 'mode', 'code'],
  cannot: ({ mode }) => (mode === 'code' ? 'text as code' : undefined),
  defaults: { mode: 'markdown' },
  drawsNothing: true,
};
