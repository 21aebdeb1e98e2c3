"""The style of a report's page: the window's colours in both themes, and how it is printed."""

from __future__ import annotations

import msgspec

from inspector.display.tokens import TOKENS, ThemeName

_SEVERITIES = {"info": "dim", "warning": "warning", "error": "critical", "critical": "critical"}
_NAMED = ("text", "dim", "faint", "accent", "critical", "warning", "good")

_RULES = """
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--background);color:var(--text);font:15px/1.5 Inter,"Segoe UI",system-ui,-apple-system,
 "Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:1000px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;line-height:1.25;margin:0}
h2{font-size:19px;margin:44px 0 12px;padding-top:8px;border-top:1px solid var(--line)}
h3{font-size:16px;margin:0}
h4{font-size:13px;margin:20px 0 8px;color:var(--dim);font-weight:600}
p{margin:6px 0}
a{color:var(--accent)}
code,.mono{font-family:"JetBrains Mono",ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-size:.88em}
.dim{color:var(--dim)}.small{font-size:13px}
.critical{color:var(--critical)}.warning{color:var(--warning)}.good{color:var(--good)}.text{color:var(--text)}
.by{color:var(--dim);font-size:13px;margin:0 0 4px}
.card{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:18px 20px;margin:14px 0}
.verdict{font-size:24px;font-weight:650;margin:0}
nav{margin:18px 0 0;font-size:14px}nav a{margin-right:18px;text-decoration:none}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:14px 24px;margin:18px 0 0}
.numbers dt{color:var(--dim);font-size:13px}.numbers dd{margin:0;font-size:21px;font-weight:600}
.numbers .small{font-weight:400;color:var(--dim);display:block}
.head{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:baseline}
.mark{flex:none;width:12px;height:12px;align-self:center}
.word{font-size:13px;font-weight:600}.head .dim{font-size:13px}
figure{margin:14px 0 0}figcaption{color:var(--dim);font-size:13px;margin-top:4px}
svg{display:block;width:100%;height:auto;overflow:hidden}
svg.evidence{background:var(--background);border-radius:4px}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(380px,100%),1fr));gap:2px 22px}
.strip{display:block;max-width:100%;height:auto;max-height:170px;width:auto}
.ends{display:flex;justify-content:space-between;color:var(--faint);font-size:12px}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}.dashed{stroke-dasharray:5 4}
.line.dim{opacity:.45}
.chart .line{stroke-width:1.4}.grid{stroke:var(--line)}.axis{stroke:var(--faint)}
.tick{fill:var(--faint);font-size:10.5px}.end{text-anchor:end}.middle{text-anchor:middle}
.shade{opacity:.2}.bar{fill:var(--accent);opacity:.75}.dot{fill:var(--text)}
.groups,.charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:14px}
.groups{gap:0 14px}.group{grid-column:1/-1}.group.alone{grid-column:auto}.alone .charts{grid-template-columns:1fr}
.charts .card{margin:0;padding:14px 16px}
.legend{list-style:none;margin:8px 0 0;padding:0;font-size:12.5px}
.legend li{display:flex;flex-wrap:wrap;gap:0 8px;align-items:baseline}
.legend .key{flex:none;width:16px;height:8px;overflow:visible}
.legend .value{margin-left:auto;text-align:right;color:var(--dim)}
.shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:14px}
.shots figure{margin:0}.shot{border-radius:4px}
.gt,.prediction,.error,.halo{fill:none}.gt{stroke:var(--gt)}.prediction{stroke:var(--prediction)}
.error{stroke:var(--error)}.halo{stroke:#000;opacity:.75}
.label{fill:var(--error);stroke:#000;paint-order:stroke;font-weight:600}.start{text-anchor:start}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:12px 0 0}
dl.facts dt{color:var(--dim)}dl.facts dd{margin:0}
.why dt{font-size:13px}.why dd{font-size:14px}
table{border-collapse:collapse;width:100%;font-size:13.5px;margin:8px 0 0}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
td.mono{overflow-wrap:break-word;max-width:420px}
th{color:var(--dim);font-weight:600;font-size:12.5px}
table.edits,table.set{table-layout:fixed}.edits td:first-child,.set td:first-child{width:34%}
.edits td:nth-child(2),.set td:nth-child(2){width:28%}
ul.plain{list-style:none;margin:0;padding:0}ul.plain li{padding:5px 0;border-bottom:1px solid var(--line)}
details{margin:12px 0 0}summary{cursor:pointer;color:var(--accent)}
footer{margin-top:48px;color:var(--faint);font-size:12.5px}
@media screen and (max-width:720px){.groups,.charts{grid-template-columns:1fr}}
@media print{
 @page{margin:15mm 15mm 17mm;@bottom-right{content:counter(page);color:#5b626e;font:8pt sans-serif}}
 body{background:#fff;zoom:.76}
 main{max-width:none;padding:0 1px}
 nav{display:none}
 h2{margin-top:28px}
 details::details-content{content-visibility:visible;display:block;height:auto}
 summary{list-style:none;color:var(--dim);font-size:13px;font-weight:600;margin-top:20px}
 .card{-webkit-box-decoration-break:clone;box-decoration-break:clone}
 h2,h3,h4,h4+p,h4+p+p.small,.head,.head+p,summary{break-after:avoid}
 .sets{columns:2;column-gap:28px}.set td:nth-child(3){display:none}.set td:first-child{width:62%}
 .sets>div{break-inside:avoid;padding-top:1px}.sets h4{margin-top:10px}
 .head,.head+p,figure,.chart-card,.shots figure,tr,li,dl.numbers,table.edits,.group.alone{break-inside:avoid}
 dd,p,figcaption{orphans:3;widows:3}
 .pictures{grid-template-columns:1fr 1fr}.shots{grid-template-columns:repeat(4,1fr)}
 img,svg,rect,path,circle{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
"""


def style() -> str:
    """The style sheet; on paper the light theme holds."""
    return "".join(
        (
            f":root{{{_variables('light')}}}",
            f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables('dark')}}}}}",
            _RULES.strip(),
            *_inks(),
        )
    )


def _variables(theme: ThemeName) -> str:
    tokens = TOKENS[theme]
    named = {name: value for name, value in msgspec.structs.asdict(tokens).items() if isinstance(value, str)}
    named["error"] = named.pop("error_line")
    series = {f"s{place}": colour for place, colour in enumerate(tokens.series)}
    return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in {**named, **series}.items())


def _inks() -> list[str]:
    """Classes of lines and areas by their colours."""
    lines = (*_NAMED, *(f"s{place}" for place in range(len(TOKENS["light"].series))))
    return [
        *(f".ink-{name}{{stroke:var(--{name})}}" for name in lines),
        *(f".fill-{severity}{{fill:var(--{name})}}" for severity, name in _SEVERITIES.items()),
        *(f".word-{severity}{{color:var(--{name})}}" for severity, name in _SEVERITIES.items()),
    ]
