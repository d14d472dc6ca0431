#!/usr/bin/env python3
"""Draws the dashboards of monitoring/grafana as pictures: their layout, with what a running Prometheus answers to every
panel's questions. For docs/monitoring.md, and for whoever has no Grafana at hand. Needs nothing but Python.
usage: scripts/draw_dashboards.py --topology NAME [--prometheus URL] [--minutes N] [--out FOLDER] [--set metric=ndcg_10] [FILE.json ...]"""
import argparse
import glob
import html
import json
import math
import os
import re
import sys
import time
import urllib.parse
import urllib.request

COLUMN, UNIT, GAP = 52, 30, 6  # a column's width, a grid row's height, the space between panels, in pixels
POINTS = 110
PALETTE = ["#56a64b", "#d9a404", "#3274d9", "#e0752d", "#c4162a", "#8f3bb8", "#13877f", "#705da0", "#b15c17", "#4d79a8",
           "#7eb26d", "#cca300", "#64b0c8", "#ba43a9", "#508642", "#967302"]
COLOURS = {"green": "#56a64b", "red": "#d44a3a", "orange": "#f2861d", "blue": "#3274d9", None: "#56a64b"}
INK, FAINT, LINE = "#24292e", "#6b7280", "#e3e6ea"


def colour(name):
    return COLOURS.get(name, name)


# How values read.

def scaled(value, base, names):
    size = abs(value)
    for name in names[:-1]:
        if size < base:
            return value, name
        value, size = value / base, size / base
    return value, names[-1]


def digits(value):
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(value):
    size = abs(value)
    for limit, unit, name in [(1e-3, 1e-6, "µs"), (1, 1e-3, "ms"), (60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h")]:
        if size < limit:
            return "0 s" if value == 0 else f"{digits(value / unit)} {name}"
    return f"{digits(value / 86400)} d"


def words(value, unit):
    if unit == "percentunit":
        return f"{digits(value * 100)} %"
    if unit == "s":
        return duration(value)
    if unit in ("bytes", "binBps"):
        value, name = scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"])
        return f"{digits(value)} {name}" + ("/s" if unit == "binBps" else "")
    value, name = scaled(value, 1000, ["", "k", "M", "G"])
    if abs(value) < 0.001 and not name:
        value = 0
    tail = {"short": "", "reqps": "req/s"}.get(unit, unit.removeprefix("si:"))
    return f"{digits(value)} {name}{tail}".strip()


# What Prometheus answers.

class Prometheus:
    def __init__(self, address, end, minutes, variables):
        self.address, self.end, self.minutes, self.variables = address, end, minutes, variables
        self.start, self.step = end - 60 * minutes, max(1, 60 * minutes // POINTS)

    def fill_in(self, expression):
        for name, value in sorted(self.variables.items(), key=lambda pair: -len(pair[0])):
            expression = expression.replace("$" + name, value)
        return expression

    def get(self, what, **parameters):
        url = f"{self.address}/api/v1/{what}?" + urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            sys.exit(f"draw_dashboards: {parameters['query']}: {error.read().decode()}")

    def ask(self, target):
        """The series of one question, as (labels, [(time, value)])."""
        query = self.fill_in(target["expr"])
        if target["instant"]:
            found = [(one["metric"], [one["value"]]) for one in self.get("query", query=query, time=self.end)]
        else:
            found = [(one["metric"], one["values"]) for one in
                     self.get("query_range", query=query, start=self.start, end=self.end, step=self.step)]
        series = []
        for labels, points in found:
            values = [(float(t), float(v)) for t, v in points]
            values = [(t, v) for t, v in values if math.isfinite(v)]
            if values:
                series.append((labels, values))
        return series


def named(target, labels):
    return re.sub(r"\{\{(\w+)\}\}", lambda m: labels.get(m[1], "none") or "none", target["legendFormat"])


# The drawing.

class Picture:
    def __init__(self):
        self.parts = []

    def add(self, text):
        self.parts.append(text)

    def box(self, x, y, width, height, fill="#ffffff", stroke="none", radius=2, title=""):
        tip = f"<title>{html.escape(title)}</title>" if title else ""
        self.add(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0, width):.1f}" height="{max(0, height):.1f}" rx="{radius}" '
                 f'fill="{fill}" stroke="{stroke}"' + (f">{tip}</rect>" if tip else "/>"))

    def text(self, x, y, words_, size=11, fill=INK, anchor="start", weight="normal", room=None):
        words_ = str(words_)
        if room is not None:
            fits = max(1, int(room / (size * 0.56)))
            words_ = words_ if len(words_) <= fits else words_[:fits - 1] + "…"
        self.add(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" '
                 f'font-weight="{weight}">{html.escape(words_)}</text>')

    def line(self, x1, y1, x2, y2, stroke=LINE, dash=""):
        self.add(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"'
                 + (f' stroke-dasharray="{dash}"' if dash else "") + "/>")


def ticks(low, high, unit):
    """Some round values between low and high, in steps that suit the unit."""
    if high <= low:
        high = low + 1
    raw = (high - low) / 4
    if unit == "s" and raw >= 1:
        steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400]
        step = next((s for s in steps if s >= raw), math.ceil(raw / 86400) * 86400)
    elif unit in ("bytes", "binBps") and raw >= 1:
        power = 1024 ** int(math.log(raw, 1024))
        step = next(s * power for s in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024) if s * power >= raw)
    else:
        power = 10 ** math.floor(math.log10(raw))
        step = next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= raw * 0.999)
    first = math.floor(low / step) * step
    count = math.ceil((high - first) / step - 1e-9)
    return [first + i * step for i in range(count + 1)]


def step_colour(panel, value):
    chosen = "green"
    for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]:
        if step["value"] is None or value >= step["value"]:
            chosen = step["color"]
    return colour(chosen)


def meaning(panel, value):
    for mapping in panel["fieldConfig"]["defaults"]["mappings"]:
        option = mapping["options"].get(str(int(value)) if value == int(value) else "")
        if option:
            return option["text"], colour(option["color"])
    return None


def unit_of(panel):
    return panel["fieldConfig"]["defaults"]["unit"]


def draw_nothing(picture, panel, x, y, width, height):
    why = panel["fieldConfig"]["defaults"].get("noValue", "no data")
    picture.text(x + width / 2, y + height / 2 + 4, why, 12, FAINT, "middle", room=width)


def draw_times(picture, asked, left, right, bottom):
    seconds = asked.end - asked.start
    step = next(s for s in (60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400, 1e9) if s * (right - left) >= seconds * 40)
    at = math.ceil(asked.start / step) * step
    while at <= asked.end:
        x = left + (at - asked.start) / seconds * (right - left)
        picture.line(x, bottom, x, bottom + 3, FAINT)
        picture.text(x, bottom + 13, time.strftime("%H:%M", time.gmtime(at)), 9, FAINT, "middle")
        at += step


def draw_legend(picture, panel, series, x, y, width, height):
    """Names below a graph, as many as there is room for."""
    at, line, size = x, y, 10
    series = sorted(series, key=lambda one: one[1][-1][1] == 0)
    for index, (name, points, paint) in enumerate(series):
        label = f"{name}: {words(points[-1][1], unit_of(panel))}"
        room = min(width, len(label) * size * 0.56 + 22)
        if at + room > x + width and at > x:
            at, line = x, line + 13
        last, more = line + 13 > y + height - 2, index + 1 < len(series)
        if line > y + height - 2 or (last and more and at + room > x + width - 64):
            line += 13 if line <= y + height - 2 else 0
            picture.text(x + width, line - 13, f"and {len(series) - index} more", 9, FAINT, "end")
            return
        picture.box(at, line - 7, 9, 3, paint)
        picture.text(at + 13, line, label, size, FAINT, room=width - 14)
        at += room


def outline(points):
    """Points of a line as SVG has them, without those in the middle of a level stretch."""
    points = [(round(x), round(2 * y) / 2) for x, y in points]
    kept = [p for i, p in enumerate(points)
            if i in (0, len(points) - 1) or not points[i - 1][1] == p[1] == points[i + 1][1]]
    return " ".join(f"{x:g},{y:g}" for x, y in kept)


def draw_timeseries(picture, panel, asked, x, y, width, height):
    series = [(named(t, labels), points) for t in panel["targets"] for labels, points in asked.ask(t)]
    if not series:
        return draw_nothing(picture, panel, x, y, width, height)
    series.sort(key=lambda one: one[0])
    defaults = panel["fieldConfig"]["defaults"]
    stacked = defaults["custom"]["stacking"]["mode"] == "normal"
    series = [(name, points, PALETTE[i % len(PALETTE)]) for i, (name, points) in enumerate(series)]
    lines = 0
    if panel["options"]["legend"]["showLegend"]:
        letters = sum(len(name) + 14 for name, _, _ in series)
        lines = min(3, max(1, math.ceil(letters * 6.1 / width)))
    left, top, right, bottom = x + 54, y + 4, x + width - 6, y + height - 18 - 13 * lines
    tops, drawn = {}, []
    for name, points, paint in series:
        upper = []
        for t, v in points:
            below = tops.get(t, 0) if stacked else 0
            upper.append((t, below + v, below))
            tops[t] = below + v
        drawn.append((upper, paint))
    values = [v for upper, _ in drawn for _, v, _ in upper]
    low, high = min(0, min(values)), max(values)
    low = low if -low > 0.05 * high else 0
    marks = ticks(low, high if high > low else low + (1 if unit_of(panel) != "percentunit" else 0.01), unit_of(panel))
    low, high = marks[0], marks[-1]
    where = lambda t, v: (left + (t - asked.start) / (asked.end - asked.start) * (right - left),
                          bottom - (v - low) / (high - low) * (bottom - top))
    for mark in marks:
        _, at = where(asked.start, mark)
        picture.line(left, at, right, at)
        picture.text(left - 5, at + 3, words(mark, unit_of(panel)), 9, FAINT, "end")
    draw_times(picture, asked, left, right, bottom)
    for upper, paint in drawn:
        runs = [[upper[0]]]
        for before, point in zip(upper, upper[1:]):
            if point[0] - before[0] > asked.step * 1.5:
                runs.append([])
            runs[-1].append(point)
        for run in runs:
            path = outline(where(t, v) for t, v, _ in run)
            back = outline(where(t, b) for t, _, b in reversed(run))
            if stacked or len(drawn) <= 2:
                picture.add(f'<polygon points="{path} {back}" fill="{paint}" fill-opacity="{0.3 if stacked else 0.07}"/>')
            if len(run) == 1:
                px, py = where(run[0][0], run[0][1])
                picture.add(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="1.5" fill="{paint}"/>')
            picture.add(f'<polyline points="{path}" fill="none" stroke="{paint}" stroke-width="1.4"/>')
    for step in defaults["thresholds"]["steps"]:
        if defaults["custom"]["thresholdsStyle"]["mode"] != "off" and step["value"] is not None and low < step["value"] < high:
            _, at = where(asked.start, step["value"])
            picture.line(left, at, right, at, colour(step["color"]), "5 3")
    if lines:
        draw_legend(picture, panel, series, x + 6, bottom + 29, width - 12, 13 * lines)


def draw_stat(picture, panel, asked, x, y, width, height):
    target = panel["targets"][0]
    series = [(named(target, labels), points) for labels, points in asked.ask(target)]
    if not series:
        return draw_nothing(picture, panel, x, y, width, height)
    each = height / min(3, len(series))
    for i, (name, points) in enumerate(series[:3]):
        value, at = points[-1][1], y + i * each
        said = meaning(panel, value)
        filled = panel["options"]["colorMode"] == "background"
        paint = said[1] if said else step_colour(panel, value)
        if filled:
            picture.box(x + 4, at + 2, width - 8, each - 6, paint, radius=3)
        if panel["options"]["graphMode"] == "area" and len(points) > 1:
            draw_spark(picture, points, asked, x + 4, at + each * 0.55, width - 8, each * 0.45 - 4,
                       "#ffffff" if filled else paint)
        text = said[0] if said else words(value, unit_of(panel))
        with_name = panel["options"]["textMode"] == "value_and_name"
        size = min(26, each * 0.4, (width - 12) / max(1, len(text)) / 0.6)
        ink = "#ffffff" if filled else paint
        picture.text(x + width / 2, at + each / 2 + size * (0.05 if with_name else 0.3), text, round(size, 1), ink, "middle", "bold")
        if with_name:
            picture.text(x + width / 2, at + each / 2 + size * 0.05 + 15, name, 11, ink, "middle", room=width - 10)


def draw_spark(picture, points, asked, x, y, width, height, paint):
    low, high = min(v for _, v in points), max(v for _, v in points)
    if high <= low:
        return
    path = " ".join(f"{x + (t - asked.start) / (asked.end - asked.start) * width:.1f},{y + height - (v - low) / (high - low) * height:.1f}"
                    for t, v in points)
    ends = f"{x + (points[-1][0] - asked.start) / (asked.end - asked.start) * width:.1f},{y + height:.1f} " \
           f"{x + (points[0][0] - asked.start) / (asked.end - asked.start) * width:.1f},{y + height:.1f}"
    picture.add(f'<polygon points="{path} {ends}" fill="{paint}" fill-opacity="0.25"/>')


def draw_bars(picture, panel, asked, x, y, width, height):
    series = [(named(t, labels), points[-1][1]) for t in panel["targets"] for labels, points in asked.ask(t)]
    if not series:
        return draw_nothing(picture, panel, x, y, width, height)
    most = panel["fieldConfig"]["defaults"].get("max") or max(v for _, v in series) or 1
    shown = series[:max(1, int(height // 15))]
    each = min(24, height / len(shown))
    names = min(width * 0.45, 10 + 6 * max(len(name) for name, _ in shown))
    for i, (name, value) in enumerate(shown):
        at = y + i * each
        picture.text(x + names, at + each / 2 + 4, name, 10, INK, "end", room=names)
        picture.box(x + names + 6, at + 2, width - names - 66, each - 4, "#f1f3f5")
        picture.box(x + names + 6, at + 2, (width - names - 66) * min(1, value / most), each - 4, step_colour(panel, value))
        picture.text(x + width - 4, at + each / 2 + 4, words(value, unit_of(panel)), 10, INK, "end")
    if len(shown) < len(series):
        picture.text(x + width - 4, y + height + 2, f"and {len(series) - len(shown)} more", 9, FAINT, "end")


def draw_table(picture, panel, asked, x, y, width, height):
    units = {o["matcher"]["options"]: o["properties"][0]["value"] for o in panel["fieldConfig"]["overrides"]}
    labels = list(panel["transformations"][1]["options"]["indexByName"])
    rows, columns = {}, [t["legendFormat"] for t in panel["targets"]]
    for target in panel["targets"]:
        for found, points in asked.ask(target):
            rows.setdefault(tuple(found.get(l, "") for l in labels), {})[target["legendFormat"]] = points[-1][1]
    if not rows:
        return draw_nothing(picture, panel, x, y, width, height)
    longest = [max(len(l), *(len(key[i]) for key in rows)) for i, l in enumerate(labels)]
    widths = [min(w, 34) + 3 for w in longest] + [max(len(c), 9) + 3 for c in columns]
    places, at = [], x + 8
    for w in widths:
        places.append(at)
        at += w * (width - 16) / sum(widths)
    places.append(at)
    for i, head in enumerate(labels + columns):
        edge = i >= len(labels)
        picture.text(places[i + 1] - 6 if edge else places[i], y + 12, head, 10, "#1f60c4", "end" if edge else "start",
                     "bold", room=places[i + 1] - places[i])
    picture.line(x + 6, y + 17, x + width - 6, y + 17)
    fits = int((height - 22) // 17)
    keys = sorted(rows)
    for order in panel["options"].get("sortBy", []):
        keys.sort(key=lambda key: -rows[key].get(order["displayName"], -1))
    for r, key in enumerate(keys[:fits]):
        base = y + 31 + r * 17
        for i, value in enumerate(key):
            picture.text(places[i], base, value, 10.5, INK, room=places[i + 1] - places[i] - 4)
        for i, name in enumerate(columns, len(labels)):
            if name in rows[key]:
                picture.text(places[i + 1] - 6, base, words(rows[key][name], units.get(name, unit_of(panel))), 10.5, INK, "end")
        picture.line(x + 6, base + 5, x + width - 6, base + 5, "#f1f3f5")
    if len(rows) > fits:
        picture.text(x + width - 8, y + height + 2, f"and {len(rows) - fits} more", 9, FAINT, "end")


def draw_states(picture, panel, asked, x, y, width, height):
    series = sorted((named(t, labels), points) for t in panel["targets"] for labels, points in asked.ask(t))
    if not series:
        return draw_nothing(picture, panel, x, y, width, height)
    bottom = y + height - 34
    shown = series[:max(1, int((bottom - y) // 14))]
    each = min(26, (bottom - y) / len(shown))
    left, right = x + min(width * 0.3, 12 + 6 * max(len(name) for name, _ in shown)), x + width - 8
    for i, (name, points) in enumerate(shown):
        at = y + i * each
        picture.text(left - 6, at + each / 2 + 4, name, 10, INK, "end", room=left - x)
        begin = 0
        for end in range(1, len(points) + 1):
            same = end < len(points) and points[end][1] == points[begin][1] and points[end][0] - points[end - 1][0] <= asked.step * 1.5
            if same:
                continue
            from_x = left + (points[begin][0] - asked.start) / (asked.end - asked.start) * (right - left)
            to_x = left + min(1, (points[end - 1][0] + asked.step - asked.start) / (asked.end - asked.start)) * (right - left)
            said = meaning(panel, points[begin][1]) or (str(points[begin][1]), FAINT)
            picture.box(from_x, at + 1.5, to_x - from_x, each - 3, said[1], radius=0)
            begin = end
    draw_times(picture, asked, left, right, y + each * len(shown) + 2)
    key = left
    for mapping in panel["fieldConfig"]["defaults"]["mappings"]:
        for option in mapping["options"].values():
            picture.box(key, y + height - 11, 9, 9, colour(option["color"]))
            picture.text(key + 13, y + height - 3, option["text"], 10, FAINT)
            key += 30 + 6 * len(option["text"])


def draw_heatmap(picture, panel, asked, x, y, width, height):
    found = {}
    for labels, points in asked.ask(panel["targets"][0]):
        found[float(labels["le"])] = dict(points)
    found = dict(sorted((le, points) for le, points in found.items() if any(points.values())))
    if not found:
        return draw_nothing(picture, panel, x, y, width, height)
    bounds = list(found)
    cells = {}
    for i, le in enumerate(bounds):
        for t, v in found[le].items():
            below = found[bounds[i - 1]].get(t, 0) if i else 0
            if v - below > 1e-9:
                cells[t, i] = v - below
    used = sorted({i for _, i in cells})
    if not used:
        return draw_nothing(picture, panel, x, y, width, height)
    rows = range(used[0], used[-1] + 1)
    left, right, bottom = x + 54, x + width - 8, y + height - 20
    each, most = (bottom - y) / len(rows), max(cells.values())
    depths = {}
    for (t, i), v in sorted(cells.items(), key=lambda cell: (cell[0][1], cell[0][0])):
        depth = round(12 * math.log1p(v) / math.log1p(most))
        runs = depths.setdefault((depth, i), [])
        if runs and abs(runs[-1][1] + asked.step - t) < asked.step / 2:
            runs[-1][1] = t  # one bar for neighbours of one shade
        else:
            runs.append([t, t])
    for (depth, i), runs in depths.items():
        shade = "#%02x%02x%02x" % tuple(round(a + (b - a) * depth / 12) for a, b in zip((222, 235, 247), (8, 69, 148)))
        for first, last in runs:
            from_x = max(left, left + (first - asked.step - asked.start) / (asked.end - asked.start) * (right - left))
            to_x = left + (last - asked.start) / (asked.end - asked.start) * (right - left)
            picture.box(from_x, bottom - (i - rows[0] + 1) * each, to_x - from_x, each - 0.5, shade, radius=0)
    for i in rows:
        if len(rows) <= 12 or (i - rows[0]) % 2 == 0:
            name = words(bounds[i], unit_of(panel)) if math.isfinite(bounds[i]) else "more"
            picture.text(left - 5, bottom - (i - rows[0]) * each - each / 2 + 3, "≤ " + name, 9, FAINT, "end")
    draw_times(picture, asked, left, right, bottom)


DRAW = {"timeseries": draw_timeseries, "stat": draw_stat, "bargauge": draw_bars, "table": draw_table,
        "state-timeline": draw_states, "heatmap": draw_heatmap}


def draw(dashboard, asked):
    picture = Picture()
    bottom = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in dashboard["panels"])
    width, height = 24 * COLUMN + 2 * GAP, bottom * UNIT + 56
    picture.add(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                'font-family="Inter, Helvetica, Arial, sans-serif">')
    picture.box(0, 0, width, height, "#f4f5f5", radius=0)
    picture.text(12, 24, dashboard["title"], 17, INK, weight="bold")
    picture.text(12, 42, dashboard["description"], 12, FAINT)
    chosen = "   ".join(f"{v.get('label', v['name'])}: {asked.variables.get(v['name'], '').replace('.*', 'All')}"
                        for v in dashboard["templating"]["list"] if v["type"] == "query")
    picture.text(width - 12, 24, chosen, 11, FAINT, "end")
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        x, y = GAP + place["x"] * COLUMN + GAP / 2, 52 + place["y"] * UNIT
        wide, high = place["w"] * COLUMN - GAP, place["h"] * UNIT - GAP
        title = asked.fill_in(panel["title"])
        if panel["type"] == "row":
            picture.text(x + 2, y + 20, "▾ " + title, 13, INK, weight="bold")
            continue
        picture.box(x, y, wide, high, "#ffffff", "#dcdfe3", title=panel["description"])
        picture.text(x + 8, y + 17, title, 11.5, INK, weight="bold", room=wide - 16)
        DRAW[panel["type"]](picture, panel, asked, x, y + 24, wide, high - 28)
    picture.add("</svg>\n")
    return "\n".join(picture.parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("files", nargs="*", help="dashboards (default: all of monitoring/grafana)")
    parser.add_argument("--topology", required=True)
    parser.add_argument("--prometheus", default="http://localhost:9090")
    parser.add_argument("--minutes", type=int, default=15, help="how far back")
    parser.add_argument("--end", type=float, default=None, help="up to when, in seconds since 1970 (default: now)")
    parser.add_argument("--out", default="docs/pictures")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="the value of a variable")
    options = parser.parse_args()
    home = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    files = options.files or sorted(glob.glob(os.path.join(home, "monitoring/grafana/dashboards/*.json")))
    os.makedirs(options.out, exist_ok=True)
    for path in files:
        with open(path, encoding="utf-8") as file:
            dashboard = json.load(file)
        variables = {"topology": options.topology, "__rate_interval": "30s"}
        for variable in dashboard["templating"]["list"]:
            start = variable.get("current", {}).get("value", ".*")
            variables.setdefault(variable["name"], ".*" if isinstance(start, list) else start)
        variables.update(one.split("=", 1) for one in options.set)
        asked = Prometheus(options.prometheus, options.end or time.time(), options.minutes, variables)
        out = os.path.join(options.out, dashboard["uid"] + ".svg")
        with open(out, "w", encoding="utf-8") as file:
            file.write(draw(dashboard, asked))
        print(out)


if __name__ == "__main__":
    main()
