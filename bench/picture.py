# SPDX-License-Identifier: Apache-2.0
"""Draws the histogram of a latency as SVG: instructions across, samples upwards on a logarithmic scale."""
import html
import math

WIDTH, HEIGHT = 900, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 50, 50
BARS = 100
STYLE = ("text{font:13px sans-serif;fill:#222}.title{font-size:16px}.axis{stroke:#222}.grid{stroke:#ddd}"
         ".bar{fill:#2b6cb0}.bare{stroke:#2f855a;stroke-width:2}.mean{stroke:#dd6b20}"
         ".limit{stroke:#c53030;stroke-dasharray:5 4}")


def _step(span):
    """A round distance between marks: about ten of them."""
    raw = 10 ** math.floor(math.log10(max(span, 10) / 10))
    return next(raw * factor for factor in (1, 2, 5, 10) if span / (raw * factor) <= 12)


class _Chart:
    def __init__(self, right, most):
        self.right, self.decades = right, max(1, math.ceil(math.log10(most + 1)))
        self.parts = []

    def x(self, value):
        return LEFT + (WIDTH - LEFT - RIGHT) * value / self.right

    def y(self, count):
        """Half a sample would be at the bottom, so that one can be seen."""
        share = (math.log10(count) + 0.3) / (self.decades + 0.3)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    def line(self, kind, x1, y1, x2, y2):
        self.parts.append(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def text(self, x, y, words, anchor="middle", kind=""):
        self.parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>')

    def axes(self):
        for decade in range(self.decades + 1):
            y = self.y(10 ** decade)
            self.line("grid", LEFT, y, WIDTH - RIGHT, y)
            self.text(LEFT - 6, y + 4, f"{10 ** decade:,}", "end")
        for value in range(0, int(self.right) + 1, int(_step(self.right))):
            self.text(self.x(value), HEIGHT - BOTTOM + 18, f"{value:,}")
        self.line("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM)
        self.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "instructions from the deadline to the handler's first")

    def bars(self, counts):
        width = max(1, math.ceil(self.right / BARS))
        heights = {}
        for value, count in counts.items():
            heights[value // width] = heights.get(value // width, 0) + count
        for slot, count in sorted(heights.items()):
            x, top = self.x(slot * width), self.y(count)
            wide = max(2.0, self.x((slot + 1) * width) - x - 1)
            self.parts.append(f'<rect class="bar" x="{x:.1f}" y="{top:.1f}" width="{wide:.1f}" '
                              f'height="{HEIGHT - BOTTOM - top:.1f}"><title>{count} from {slot * width}</title></rect>')

    def mark(self, kind, value, words, level):
        self.line(kind, self.x(value), TOP, self.x(value), HEIGHT - BOTTOM)
        self.text(self.x(value) + 4, TOP + 14 + 16 * level, words, "start")


def histogram(title, counts, bare_mean, figure, limits):
    """The samples {value: count}, and lines: the bare machine's mean, Belay's, the limits of mean and worst."""
    chart = _Chart(max(max(counts), limits[1]) * 1.12, max(counts.values()))
    chart.text(LEFT, 24, html.escape(title), "start", "title")
    chart.axes()
    chart.bars(counts)
    chart.mark("bare", bare_mean, f"bare machine {bare_mean:,.0f}", 0)
    chart.mark("mean", figure["mean"], f"mean {figure['mean']:,.0f}, worst {figure['max']:,}", 1)
    chart.mark("limit", limits[0], f"limit of the mean {limits[0]:,}", 2)
    chart.mark("limit", limits[1], f"limit {limits[1]:,}", 2)
    body = "\n".join(chart.parts)
    return ('<svg xmlns="http://www.w3.org/2000/svg" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">\n'
            f'<style>{STYLE}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n')
