# SPDX-License-Identifier: Apache-2.0
"""Draws costs against a count as SVG: the count across on a logarithmic scale, instructions upwards from 0."""
import html
import math

WIDTH, HEIGHT = 900, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 30, 50, 50
COLOURS = ("#2b6cb0", "#2f855a", "#dd6b20", "#c53030")
STYLE = ("text{font:13px sans-serif;fill:#222}.title{font-size:16px}.axis{stroke:#222}.grid{stroke:#ddd}"
         "polyline{fill:none;stroke-width:2}")


def lines(title, counts, series):
    """`series`: {words: a cost for each count}."""
    most = max(max(costs) for costs in series.values())
    step = next(s for s in (50, 100, 200, 500, 1000, 2000, 5000) if most / s <= 10)
    top = math.ceil(most * 1.3 / step) * step

    def x(count):
        share = math.log(count / counts[0]) / math.log(counts[-1] / counts[0])
        return LEFT + (WIDTH - LEFT - RIGHT) * share

    def y(cost):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * cost / top

    parts = [f'<text class="title" x="{LEFT}" y="24">{html.escape(title)}</text>']
    for mark in range(0, top + 1, step):
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y(mark):.1f}" x2="{WIDTH - RIGHT}" y2="{y(mark):.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:,}</text>')
    for count in counts:
        parts.append(f'<text x="{x(count):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{count}</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" y1="{y(0):.1f}" x2="{WIDTH - RIGHT}" y2="{y(0):.1f}"/>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.1f}" y="{HEIGHT - 10}" text-anchor="middle">'
                 'VMs; upwards: instructions</text>')
    for n, (colour, (words, costs)) in enumerate(zip(COLOURS, series.items())):
        points = " ".join(f"{x(count):.1f},{y(cost):.1f}" for count, cost in zip(counts, costs))
        parts.append(f'<polyline points="{points}" stroke="{colour}"/>')
        parts.append(f'<text x="{LEFT + 10}" y="{TOP + 16 * n}" style="fill:{colour}">{html.escape(words)}</text>')
    body = "\n".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">\n'
            f'<style>{STYLE}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n')
