// Variables in queries and titles, replaced as Grafana and its Prometheus data source do.

export interface Value {
  values: string[];
  multi: boolean; // may stand for several: then it is a regular expression in queries
  raw?: boolean; // goes into queries as it is: an allValue, or a built-in one
  label?: string; // how it is shown: "All"
}

export type Values = Record<string, Value>;

const PATTERN = /\$(\w+)|\[\[(\w+?)(?::\w+)?\]\]|\$\{(\w+)((?:\.[^:}]+)?)(?::([^}]+))?\}/g;

/** `unknown` is told the names that have no value; they stay as they are, as in Grafana. */
export function inQuery(text: string, values: Values, unknown: (name: string) => void): string {
  return replace(text, values, unknown, (value) => queryText(value));
}

export function inText(text: string, values: Values, unknown: (name: string) => void): string {
  return replace(text, values, unknown, (value) => value.label ?? value.values.join(' + '));
}

function replace(text: string, values: Values, unknown: (name: string) => void, how: (value: Value) => string) {
  return text.replace(PATTERN, (match, plain, bracketed, braced, path, format) => {
    const name = plain ?? bracketed ?? braced;
    const value = values[name];
    if (!value || path) {
      // $1 of label_replace() is no variable.
      if (!/^\d+$/.test(name)) {
        unknown(`${name}${path ?? ''}`);
      }
      return match;
    }
    return format ? formatted(name, value, format) ?? (unknown(`${name}:${format}`), match) : how(value);
  });
}

function formatted(name: string, value: Value, format: string): string | undefined {
  switch (format) {
    case 'raw':
    case 'text':
      return value.values.join(',');
    case 'regex':
      return queryText({ ...value, multi: true });
    case 'pipe':
      return value.values.join('|');
    case 'queryparam':
      return value.values.map((one) => `var-${name}=${encodeURIComponent(one)}`).join('&');
    default:
      return undefined;
  }
}

function queryText(value: Value): string {
  if (value.raw) {
    return value.values.join('|');
  }
  if (!value.multi) {
    return value.values.map(escapeQuoted).join('|');
  }
  const parts = value.values.map(escapeRegex);
  return parts.length === 1 ? parts[0]! : `(${parts.join('|')})`;
}

const escapeQuoted = (text: string) => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/'/g, "\\\\'");

/** For within the quotes of a PromQL string: a backslash of the expression is two there. */
const escapeRegex = (text: string) =>
  text.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');
