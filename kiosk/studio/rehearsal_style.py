"""How the rehearsal page looks: sober, readable on paper, nothing from outside."""

from __future__ import annotations

from typing import Final

STYLE: Final = """\
:root { color-scheme: light; --ink: #1d1d1b; --soft: #6b675e; --line: #ddd9cf; --paper: #f7f5f0;
  --dark: #2b2a28; --lit: #f3d98b; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 "Source Sans 3", "Segoe UI", system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 32px 64px; }
h1 { font-size: 34px; line-height: 1.15; margin: 0 0 6px; letter-spacing: -.01em; }
h2 { font-size: 20px; margin: 44px 0 14px; padding-top: 14px; border-top: 1px solid var(--line); }
p { margin: 0 0 6px; }
.soft { color: var(--soft); }
small { font-size: 13.5px; color: var(--soft); }
.kicker { color: var(--accent); font-weight: 600; margin-bottom: 2px; }
.now { display: grid; grid-template-columns: 1fr 1fr; gap: 28px; margin-top: 28px; }
figure { margin: 0; } figcaption { margin-top: 8px; }
.shot { display: flex; align-items: center; justify-content: center; aspect-ratio: var(--shape);
  background: #e9e5db center / contain no-repeat; border-radius: 4px; overflow: hidden;
  box-shadow: 0 0 0 1px var(--line); }
.now .shot { width: min(100%, calc(460px * var(--shape))); }
.shot.off { background: var(--dark); color: #b9b4a8; }
svg { display: block; width: 100%; }
.lit { fill: var(--lit); } .dark { fill: var(--dark); } .empty { fill: #c9442e; }
.hours .lit { fill: #ece8de; }
.band svg { height: 26px; border-radius: 3px; }
.marks { position: relative; height: 22px; font-size: 13px; color: var(--soft); }
.marks span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.key { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 7px;
  vertical-align: -1px; }
.hours { display: grid; grid-template-columns: 92px 1fr; gap: 5px 14px; align-items: center; }
.hours svg { height: 30px; } .hours .t { text-align: right; font-size: 14px; color: var(--soft); }
.off-row { background: var(--dark); color: #b9b4a8; font-size: 13px; padding: 2px 10px;
  border-radius: 2px; }
.axis { display: flex; justify-content: space-between; font-size: 12.5px; color: var(--soft); }
.scenes { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr));
  gap: 26px 22px; }
.scenes .shot { border-bottom: 6px solid var(--c); border-radius: 4px 4px 0 0; }
.scenes b { font-size: 17px; }
.strip { display: grid; grid-template-columns: repeat(6, 1fr); gap: 18px 14px; }
.strip .shot { border-bottom: 5px solid var(--c); border-radius: 4px 4px 0 0; }
.strip figcaption { margin-top: 4px; font-size: 14px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; color: var(--soft); font-size: 14px; }
.share { display: grid; grid-template-columns: 110px 1fr 320px; gap: 6px 14px;
  align-items: center; }
.bar { position: relative; height: 18px; background: #e9e5db; border-radius: 2px; }
.bar i { position: absolute; inset: 0 auto 0 0; border-radius: 2px; }
.bar u { position: absolute; top: -4px; bottom: -4px; width: 2px; background: var(--ink); }
.warn { border-left: 4px solid #c9442e; padding: 8px 14px; background: #fbe9e5;
  margin-top: 18px; }
footer { margin-top: 48px; color: var(--soft); font-size: 14px; }
@media (max-width: 720px) {
  .now, .share { grid-template-columns: 1fr; }
  .strip { grid-template-columns: repeat(3, 1fr); }
  main { padding: 20px 16px; }
}
@media print {
  * { print-color-adjust: exact; }
  body { background: #fff; }
  main { max-width: none; }
  .scenes > div, .hours svg { break-inside: avoid; }
}
"""
