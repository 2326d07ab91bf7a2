"""The look of a page: light, dark, on phones and on paper."""

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #23282e; --faint: #6a727b;
  --line: #d7dce1; --panel: #f4f6f8; --up: #b4472f; --down: #2f67a3; --mark: #16181b;
  --bar: #b9c4cf; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e4e7ea;
  --faint: #9aa3ad; --line: #343a41; --panel: #1d2127; --up: #e58b74; --down: #7fb0e3;
  --mark: #ffffff; --bar: #4a535d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; padding-top: 1rem;
  border-top: 1px solid var(--line); }
p { margin: .4rem 0; }
.faint, figcaption, th { color: var(--faint); font-weight: normal; }
.notice { background: var(--panel); border-left: 4px solid var(--faint);
  padding: .6rem .8rem; margin: 1rem 0; }
.answer { font-size: 1.9rem; font-variant-numeric: tabular-nums; margin: .2rem 0; }
.advice { font-size: 1.15rem; }
figure { margin: .6rem 0; overflow-x: auto; }
figcaption { font-size: .9rem; }
svg { width: 100%; max-width: 36rem; height: auto; display: block; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .faint { fill: var(--faint); }
svg .line { stroke: var(--line); }
svg .bar { fill: var(--bar); }
svg .mark { stroke: var(--mark); fill: var(--mark); }
svg .up { fill: var(--up); stroke: var(--up); }
svg .down { fill: var(--down); stroke: var(--down); }
svg .curve { fill: none; stroke: var(--down); stroke-width: 2; }
svg .cohort { fill: none; stroke: var(--faint); stroke-width: 1.5;
  stroke-dasharray: 4 3; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; }
footer { margin-top: 2.5rem; color: var(--faint); font-size: .9rem; }
@media (max-width: 30rem) { main { padding: 1rem .75rem 2rem; }
  .answer { font-size: 1.5rem; } th, td { padding-right: .4rem; font-size: .9rem; }
  svg text { font-size: 14px; } }
@media print { :root { --paper: #fff; --ink: #000; --faint: #444; --line: #999;
  --panel: #fff; --up: #8a2f1b; --down: #1d4875; --mark: #000; --bar: #bbb; }
  main { max-width: none; padding: 0; } h2, figure, tr { break-inside: avoid; } }
"""
