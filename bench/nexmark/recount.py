#!/usr/bin/env python3
"""Answers of NEXMark's q0 to q8 counted anew from the events, without windows, joins or streams: whole passes over a list.

  bench_nexmark dump | bench/nexmark/recount.py > bench/nexmark/expected.txt

Prints `query rows digest`: the digest is the sum of the rows' FNV-1a hashes, so their order does not matter."""
import datetime
import json
import sys
from collections import Counter, defaultdict

EPOCH = datetime.datetime(1970, 1, 1)
SECOND = 1_000_000


def micros(text):
    return (datetime.datetime.fromisoformat(text.rstrip("Z")) - EPOCH) // datetime.timedelta(microseconds=1)


def timestamp(value):
    text = (EPOCH + datetime.timedelta(microseconds=value)).isoformat(timespec="microseconds")
    whole, part = text.split(".")
    return whole + ("" if part == "000000" else "." + (part[:3] if part.endswith("000") else part)) + "Z"


def as_json(row):
    # A float that is whole is written without a decimal point, as Penstock does.
    row = {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in row.items()}
    return json.dumps(row, separators=(",", ":"))


def digest(rows):
    total = 0
    for row in rows:
        hash = 0xCBF29CE484222325
        for byte in as_json(row).encode():
            hash = ((hash ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
        total += hash
    return f"{len(rows)} {total & 0xFFFFFFFFFFFFFFFF:016x}"


def pick(row, *names):
    return {name: row[name] for name in names}


events = [json.loads(line) for line in sys.stdin]
for event in events:
    event["time"] = micros(event["at"])
people, auctions, bids = ([e for e in events if e["kind"] == kind] for kind in ("person", "auction", "bid"))


def q0():
    return [pick(b, "auction", "bidder", "price", "channel", "url", "at", "extra") for b in bids]


def q1():
    return [{**pick(b, "auction", "bidder"), "price": b["price"] * 0.908, **pick(b, "at", "extra")} for b in bids]


def q2():
    return [pick(b, "auction", "price") for b in bids if b["auction"] % 123 == 0]


def q3():
    by_id = {p["id"]: p for p in people if p["state"] in ("OR", "ID", "CA")}
    return [{**pick(by_id[a["seller"]], "name", "city", "state"), "auction": a["id"]}
            for a in auctions if a["category"] == 10 and a["seller"] in by_id]


def winning():
    """The largest valid bid of each auction that has one."""
    by_id = {a["id"]: (a, a["time"], micros(a["expires"])) for a in auctions}
    best = {}
    for b in bids:
        if b["auction"] in by_id:
            auction, begin, end = by_id[b["auction"]]
            if begin <= b["time"] <= end:
                best[b["auction"]] = max(best.get(b["auction"], 0), b["price"])
    return [(by_id[id][0], price) for id, price in best.items()]


def average_by(column):
    prices = defaultdict(list)
    for auction, price in winning():
        prices[auction[column]].append(price)
    return [{column: key, "average": sum(of) / len(of), "auctions": len(of)} for key, of in prices.items()]


def q4():
    return average_by("category")


def q6():
    return average_by("seller")


def q5():
    size, slide = 10 * SECOND, 2 * SECOND
    counts = defaultdict(Counter)
    for b in bids:
        last = b["time"] // slide * slide
        for start in range(last - size + slide, last + 1, slide):
            counts[start][b["auction"]] += 1
    rows = []
    for start, counter in counts.items():
        auction, number = min(counter.items(), key=lambda item: (-item[1], item[0]))
        rows.append({"window_start": timestamp(start), "auction": auction, "bids": number})
    return rows


def q7():
    best = {}
    for b in bids:
        start = b["time"] // (10 * SECOND)
        if start not in best or (b["price"], -b["auction"]) > (best[start]["price"], -best[start]["auction"]):
            best[start] = b
    return [{"window_start": timestamp(start * 10 * SECOND), **pick(b, "price", "auction", "bidder")}
            for start, b in best.items()]


def q8():
    sellers = {(a["seller"], a["time"] // (10 * SECOND)) for a in auctions}
    return [{**pick(p, "id", "name"), "window_start": timestamp(p["time"] // (10 * SECOND) * 10 * SECOND)}
            for p in people if (p["id"], p["time"] // (10 * SECOND)) in sellers]


for query in (q0, q1, q2, q3, q4, q5, q6, q7, q8):
    print(query.__name__, digest(query()))
