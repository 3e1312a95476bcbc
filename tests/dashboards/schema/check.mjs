// Compares dashboards with the types that Grafana publishes: no property that Grafana does not know, none of another type.
// Usage: node check.mjs FILE.json...
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
// The oldest that we promise, and the newest that there are types of.
const versions = ['grafana-10', 'grafana-11'];

/** A module with a constant for the dashboard and one for each panel, and the line on which each begins. */
function asModule(dashboard) {
  const panels = (dashboard.panels ?? []).flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  const lines = ["import type * as shape from './shape';"];
  const begins = [];
  const add = (what, type, value) => {
    begins.push({ line: lines.length, what });
    lines.push(...`export const c${begins.length}: ${type} = ${JSON.stringify(value, null, 1)};`.split('\n'));
  };
  add('the dashboard', 'shape.Dashboard', { ...dashboard, panels: [] });
  for (const panel of panels) {
    const alone = panel.type === 'row' ? { ...panel, panels: [] } : panel;
    add(`panel ${panel.id} '${panel.title}'`, `shape.Panels[${JSON.stringify(panel.type)}]`, alone);
  }
  return { text: lines.join('\n'), lines, begins };
}

/** A compiler that finds our modules in memory. */
function compile(version, modules) {
  const options = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    lib: ['lib.es2022.d.ts'],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    baseUrl: here,
    paths: { 'grafana/*': [`node_modules/${version}/dist/*/index.d.ts`] },
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.readFile = (name) => modules.get(name)?.text ?? readFile(name);
  host.getSourceFile = (name, ...more) =>
    modules.has(name) ? ts.createSourceFile(name, modules.get(name).text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...more);
  return ts.getPreEmitDiagnostics(ts.createProgram([...modules.keys(), path.join(here, 'shape.ts')], options, host));
}

function inWords(diagnostic, modules) {
  const [first, ...more] = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n').split('\n');
  const message = [first, ...more.slice(-1)].map((line) => line.trim()).join(' ');
  const module = diagnostic.file && modules.get(diagnostic.file.fileName);
  if (!module) return { name: diagnostic.file?.fileName ?? 'the compiler', message };
  const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start);
  const what = module.begins.filter((begin) => begin.line <= line).at(-1).what;
  const property = module.lines[line].trim();
  return { name: module.name, message: [what, ...(property === '{' ? [] : [property]), message].join(': ') };
}

/** What is wrong with each of the dashboards, {name: parsed JSON}, as {name, version, message}. */
export function complaints(dashboards) {
  const modules = new Map(
    Object.entries(dashboards).map(([name, dashboard], n) => [path.join(here, `dashboard-${n}.ts`), { name, ...asModule(dashboard) }]),
  );
  return versions.flatMap((version) => compile(version, modules).map((found) => ({ version, ...inWords(found, modules) })));
}

export function publishedVersion(version) {
  const file = path.join(here, 'node_modules', version, 'package.json');
  return JSON.parse(fs.readFileSync(file, 'utf8')).version.replace(/-.*/, '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2);
  if (files.length === 0) {
    console.error('Usage: node check.mjs FILE.json...');
    process.exit(2);
  }
  const dashboards = Object.fromEntries(files.map((file) => [path.relative(root, file), JSON.parse(fs.readFileSync(file, 'utf8'))]));
  const found = complaints(dashboards);
  for (const { name, version, message } of found) console.log(`${name}: Grafana ${publishedVersion(version)}: ${message}`);
  if (found.length === 0) {
    console.log(`${files.length} dashboards are as Grafana ${versions.map(publishedVersion).join(' and ')} have them`);
  }
  process.exit(found.length === 0 ? 0 : 1);
}
