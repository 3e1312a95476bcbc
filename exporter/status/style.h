// The style sheet of the page.
#pragma once

namespace conntrack::exporter::status {

/// Colours are pairs for light and dark. Text has a contrast of at least 4.5 to its background,
/// which tests/live/status_page_test.py measures. A change needs a new digest in kPolicy; a test
/// fails otherwise.
inline constexpr char kStyle[] = R"css(
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #fff; --line: #dde1e6; --text: #1c2127; --quiet: #59626c;
  --bar: #d9e6f8; --link: #0b5fc4; --track: #e6e9ed; --peak: #1c2127;
  --ok: #1a7a3a; --notice: #0b5fc4; --warning: #8f5a00; --critical: #c2222d;
  --ok-fill: #4aa868; --warning-fill: #e0a02c; --critical-fill: #d9434d;
  --warning-bar: #f7e3ba; --critical-bar: #f9d2d4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1216; --card: #161b21; --line: #2b323a; --text: #e4e8ec; --quiet: #99a3ad;
    --bar: #1f3855; --link: #6cb0ff; --track: #262d35; --peak: #e4e8ec;
    --ok: #55c278; --notice: #6cb0ff; --warning: #e0a93f; --critical: #ff7b80;
    --ok-fill: #35915a; --warning-fill: #b8801d; --critical-fill: #c63f48;
    --warning-bar: #4a3812; --critical-bar: #55222a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.25rem clamp(.75rem, 3vw, 2rem); max-width: 78rem;
  background: var(--page); color: var(--text);
  font: .875rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1, h2, p, dl, dd, ul { margin: 0; padding: 0; }
ul { list-style: none; }
h1 { font-size: 1.375rem; line-height: 1.25; }
h2 { font-size: .875rem; font-weight: 600; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
code { font: .8125rem ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.note, .others, .others th { color: var(--quiet); }
.note, .tiles dt { font-size: .8125rem; }
.ok { color: var(--ok); } .notice { color: var(--notice); }
.warning { color: var(--warning); } .critical { color: var(--critical); }
.muted { color: var(--quiet); }
.remedy { color: var(--text); }
header { display: flex; flex-wrap: wrap; gap: .25rem 2rem; justify-content: space-between; margin-bottom: 1rem; }
.when { text-align: right; }
.refresh { display: block; }
.refresh > * { margin-left: .5rem; }
.refresh b { color: var(--text); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .75rem 1rem; margin-bottom: 1rem; break-inside: avoid; }
.counts { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; align-items: baseline; }
.count { font-size: 1rem; color: var(--quiet); }
.count b, .percent { font-size: 1.75rem; font-weight: 600; line-height: 1.3; color: var(--text); }
.percent.ok { color: var(--ok); } .percent.warning { color: var(--warning); }
.percent.critical { color: var(--critical); }
.usage { display: block; width: 100%; height: 1rem; border-radius: .25rem; background: var(--track);
  overflow: hidden; margin: .25rem 0 .375rem; }
.usage .use { fill: var(--ok-fill); } .usage.warning .use { fill: var(--warning-fill); }
.usage.critical .use { fill: var(--critical-fill); }
.usage .mark { fill: var(--card); } .usage .peak { fill: var(--peak); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1px;
  background: var(--line); border: 1px solid var(--line); border-radius: .5rem; overflow: hidden;
  margin-bottom: 1rem; break-inside: avoid; }
.tiles div { background: var(--card); padding: .625rem 1rem; }
.tiles dt { color: var(--quiet); }
.tiles dd { font-size: 1.25rem; font-weight: 600; line-height: 1.4; }
.tiles dd.note { font-size: .75rem; font-weight: 400; }
.unknown { color: var(--quiet); font-weight: 400; }
.chip { display: inline-block; border: 1px solid currentcolor; border-radius: 1rem; padding: 0 .5rem;
  font-size: .75rem; line-height: 1.25rem; white-space: nowrap; }
.findings li { display: grid; grid-template-columns: 5.25rem 1fr; gap: 0 .75rem; padding: .5rem 0 0; }
.findings code { color: var(--quiet); font-size: .75rem; }
.findings .chip, .collectors .chip { justify-self: start; align-self: start; }
.waiting { margin: 0 0 1rem; color: var(--notice); }
.columns, .side-by-side, .windows { display: grid; gap: 0 1rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); }
.windows { gap: 0 2rem; }
.side-by-side { gap: 1rem 2rem; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: 400; vertical-align: top; padding: .125rem 0; }
td { vertical-align: top; padding: .125rem 0 .125rem .75rem; }
thead th { color: var(--quiet); font-size: .75rem; vertical-align: bottom; padding-bottom: .25rem; }
thead h2 { color: var(--text); }
.figure { text-align: right; white-space: nowrap; padding-left: .75rem; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
.on-bar { position: relative; width: 99%; padding-left: .375rem; }
.on-bar span { position: relative; }
.bar { position: absolute; inset: 1px 0; width: 100%; height: calc(100% - 2px); }
.bar rect { fill: var(--bar); rx: 3px; }
.bar.warning rect { fill: var(--warning-bar); } .bar.critical rect { fill: var(--critical-bar); }
.sum > * { font-weight: 600; }
.lost.now > * { color: var(--critical); }
table + .note { padding-top: .5rem; }
figure { margin: .5rem 0 .75rem; }
figcaption { font-size: .75rem; color: var(--quiet); }
figcaption b { font-size: .8125rem; color: var(--text); }
.plot { display: grid; grid-template: 6rem auto / 4.25rem minmax(0, 1fr); gap: .125rem .375rem; margin-top: .375rem; }
.plot svg { width: 100%; height: 100%; overflow: visible; }
.y, .x { display: flex; justify-content: space-between; color: var(--quiet); font-size: .6875rem; line-height: 1; }
.y { flex-direction: column; align-items: flex-end; margin: -.34rem 0; }
.x { grid-column: 2; }
.gap { fill: var(--track); }
.grid { fill: none; stroke: var(--line); vector-effect: non-scaling-stroke; }
.line { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke: var(--link); }
.range { fill: var(--link); fill-opacity: .25; }
.line.limit, .line.evicted { stroke: var(--warning); stroke-dasharray: 4 3; }
.line.loss { stroke: var(--critical); } .range.loss { fill: var(--critical); }
.s0 { fill: #2f7ed8; } .s1 { fill: #d97b29; } .s2 { fill: #3a9d5d; } .s3 { fill: #b0489c; }
.s4 { fill: #c9a227; } .s5 { fill: #808a94; }
.swatch { display: inline-block; width: .625rem; height: .625rem; border-radius: 2px; margin-right: .375rem; }
.s0.swatch { background: #2f7ed8; } .s1.swatch { background: #d97b29; } .s2.swatch { background: #3a9d5d; }
.s3.swatch { background: #b0489c; } .s4.swatch { background: #c9a227; } .s5.swatch { background: #808a94; }
.plain li { padding-top: .25rem; }
.collectors th { white-space: nowrap; }
.collectors th + th { padding-left: .75rem; }
.collectors td.note { width: 99%; }
footer { padding: 0 1rem; }
footer li { display: inline-block; margin: 0 1.5rem .25rem 0; color: var(--quiet); }
@media (max-width: 36rem) {
  section { padding: .75rem; }
  .when { text-align: left; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tiles div { padding: .5rem .75rem; }
  .figure, td { padding-left: .5rem; }
  .findings li { grid-template-columns: 1fr; gap: .25rem; }
  .collectors thead th:not(:first-child) { display: none; }
  .collectors tbody tr { display: grid; grid-template-columns: 1fr auto 5rem; align-items: center;
    border-top: 1px solid var(--line); padding: .375rem 0; }
  .collectors tbody tr > * { border: 0; padding: 0; }
  .collectors td.note { grid-column: 1 / -1; width: auto; }
}
@media print {
  :root { --page: #fff; }
  body { padding: 0; max-width: none; font-size: 9pt; }
  .refresh, footer { display: none; }
  svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

/// The Content-Security-Policy of the page: allows this style sheet and an icon in a data: URL. The
/// digest is a literal, because computing it needs libcrypto, which takes 2 MB of memory in a
/// process without TLS.
inline constexpr char kPolicy[] =
    "default-src 'none'; style-src 'sha256-dwNXN3cR0b4b8X8V+09lpeygiajdL1T9rZT4bt8DW04='; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace conntrack::exporter::status
