// Panels in which nothing is drawn: a table on a busy machine, say, that has not measured itself yet.

export function blank(): string[] {
  return [...document.querySelectorAll<HTMLElement>('[data-panel]')].flatMap((panel) => {
    const title = panel.querySelector('h2')?.textContent?.trim();
    const nothing = title !== undefined && panel.textContent?.trim() === title && panel.querySelector('canvas') === null;
    return nothing ? [panel.dataset.panel!] : [];
  });
}
