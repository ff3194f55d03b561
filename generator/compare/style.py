"""How the stand-alone page looks, by day and by night, on a wide screen and a telephone."""

STYLE = """
:root{--ink:#1b1f24;--paper:#fff;--soft:#59636e;--line:#d8dee4;--made:#3f7cc4;--good:#1a7f37;
--fair:#9a6700;--bad:#b3261e;--card:#f6f8fa}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#12161c;--soft:#9aa5b1;
--line:#30363d;--made:#5b9be6;--good:#4ac26b;--fair:#d4a72c;--bad:#ff8078;--card:#1a2028}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;
color:var(--ink);background:var(--paper)}
h1{font-size:1.6rem;margin:.2rem 0}h2{margin:2.5rem 0 .6rem;font-size:1.2rem}
h3{margin:.1rem 0 .5rem;font-size:.95rem;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.4rem 0 1rem}
td,th{padding:.35rem .6rem .35rem 0;text-align:left;border-bottom:1px solid var(--line);
vertical-align:top}td{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
th{font-weight:600;font-size:.9rem}td:first-child{min-width:7rem}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(19rem,100%),1fr));gap:1rem;
margin:.6rem 0}
.uses{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(24rem,100%),1fr));gap:1rem}
.use{border:1px solid var(--line);border-left:4px solid var(--good);border-radius:6px;
padding:.6rem .9rem;background:var(--card)}.use.no{border-left-color:var(--bad)}
.use b{margin-right:.6rem;text-transform:capitalize}.use p{margin:.3rem 0 0;color:var(--soft)}
.use.yes span,.good{color:var(--good)}.use.no span,.poor{color:var(--bad)}.fair{color:var(--fair)}
.unsaid,.soft,figcaption{color:var(--soft)}.soft,figcaption{font-size:.87rem}
td span{white-space:nowrap}td span.soft{white-space:normal}
td:not(:first-child),th:not(:first-child){white-space:nowrap;text-align:right;padding-right:0;
padding-left:.8rem;width:6.5rem}
.verdicts{list-style:none;margin:0;padding:0}
.verdicts li{display:grid;grid-template-columns:8.5rem minmax(0,2fr) minmax(0,3fr);gap:.2rem 1rem;
padding:.45rem 0;border-bottom:1px solid var(--line)}.verdicts div{overflow-wrap:anywhere}
.note{border-left:4px solid var(--fair);padding:.3rem .9rem;background:var(--card)}
figure{margin:0;padding:.8rem;border:1px solid var(--line);border-radius:6px}
svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font-size:11px}
details{margin:.6rem 0}summary{cursor:pointer;color:var(--soft)}
@media (max-width:40rem){body{margin:1rem auto}td,th{font-size:.9rem}
td:not(:first-child),th:not(:first-child){width:4.5rem}.verdicts li{grid-template-columns:1fr}
th:not(:first-child){white-space:normal}}
@media print{details{display:block}body{max-width:none}}
"""
