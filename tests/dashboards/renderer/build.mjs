// Bundles the page (build/page), or with "test" the tests for node (build/test).
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const version = JSON.parse(readFileSync('node_modules/@grafana/ui/package.json', 'utf8')).version;

if (process.argv[2] === 'test') {
  rmSync('build/test', { recursive: true, force: true });
  await build({
    entryPoints: readdirSync('test').map((name) => `test/${name}`),
    outdir: 'build/test',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
} else {
  rmSync('build/page', { recursive: true, force: true });
  mkdirSync('build/page', { recursive: true });
  await build({
    entryPoints: ['src/main.tsx'],
    outfile: 'build/page/main.js',
    bundle: true,
    minify: true,
    format: 'esm',
    jsx: 'automatic',
    target: 'chrome120',
    define: { 'process.env.NODE_ENV': '"production"', GRAFANA_UI_VERSION: JSON.stringify(version) },
    loader: { '.woff2': 'file', '.woff': 'empty', '.ttf': 'file', '.svg': 'file' },
    logLevel: 'warning',
  });
  // Icons are fetched by the components as Grafana serves them.
  cpSync('node_modules/@grafana/ui/dist/public', 'build/page/public/build', { recursive: true });
  writeFileSync(
    'build/page/index.html',
    '<!DOCTYPE html><meta charset="utf-8"><title>Dashboard</title><link rel="stylesheet" href="main.css">' +
      '<body style="margin: 0"><div id="root"></div><script type="module" src="main.js"></script>\n',
  );
}
