// What cannot be drawn as Grafana would: shown on top of the picture, and the driver's exit code tells of it.

const found: string[] = [];

export function complain(where: string, what: string): void {
  const text = `${where}: ${what}`;
  if (!found.includes(text)) {
    found.push(text);
  }
}

export function complaints(): readonly string[] {
  return found;
}

/** Complains of every key of `object` that neither is known nor begins with a known one and a dot. */
export function complainOfUnknown(object: object | undefined, known: readonly string[], where: string): void {
  for (const path of paths(object ?? {})) {
    if (!known.some((name) => path === name || path.startsWith(`${name}.`))) {
      complain(where, `option ${path} is not known to this renderer`);
    }
  }
}

function paths(object: object, prefix = ''): string[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    const nested = value !== null && typeof value === 'object' && !Array.isArray(value);
    return nested ? paths(value, `${path}.`) : [path];
  });
}
