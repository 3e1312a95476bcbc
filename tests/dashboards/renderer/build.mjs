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
    loader: { '.ttf': 'file', '.svg': 'file' },
    logLevel: 'warning',
  });
  // Icons and fonts are fetched by the components where Grafana serves them. Its fonts are not in its packages: these are the
  // same ones, from where they are published.
  cpSync('node_modules/@grafana/ui/dist/public', 'build/page/public/build', { recursive: true });
  for (const style of ['Regular', 'Medium', 'Italic', 'MediumItalic']) {
    cpSync(`node_modules/inter-ui/web/Inter-${style}.woff2`, `build/page/public/fonts/inter/Inter-${style}.woff2`);
  }
  cpSync(
    'node_modules/@fontsource-variable/roboto-mono/files/roboto-mono-latin-wght-normal.woff2',
    'build/page/public/fonts/roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2',
  );
  writeFileSync(
    'build/page/index.html',
    '<!DOCTYPE html><meta charset="utf-8"><title>Dashboard</title><link rel="stylesheet" href="main.css">' +
      '<body style="margin: 0"><div id="root"></div><script type="module" src="main.js"></script>\n',
  );
}
