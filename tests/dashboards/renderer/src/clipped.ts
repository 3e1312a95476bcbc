// What is drawn as Grafana would, but does not fit: for whoever lays out the dashboard.

const CONTENT: Array<[string, string]> = [
  ['h2', 'the title is cut'],
  ['[role=grid]', 'the table is wider than the panel: the last columns are out of sight'],
];

export function clipped(): string[] {
  return [...document.querySelectorAll<HTMLElement>('[data-panel]')].flatMap((panel) => {
    const cut = CONTENT.filter(([selector]) => [...panel.querySelectorAll(selector)].some((part) => part.scrollWidth > part.clientWidth));
    return cut.map(([, text]) => `${panel.dataset.panel}: ${text}`);
  });
}
