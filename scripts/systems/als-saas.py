#!/usr/bin/env python3
"""Converts public data sets to the warehouse of als-saas, and recounts what a running node says, in plain Python.

  als-saas.py convert DATA WAREHOUSE    DATA: a folder with u.data (MovieLens 100K) or OnlineRetail.csv.gz (UCI)
  als-saas.py check WAREHOUSE URL       compares the node with the files; exit code 1 if anything differs
"""
import collections
import csv
import datetime
import gzip
import heapq
import json
import os
import sys
import time
import urllib.parse
import urllib.request

UTC = datetime.timezone.utc


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Warehouse:
    """Each user's newest product goes to held_out.jsonl, which the node does not read: what a recommendation has to find."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder

    def write(self, name, rows):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
            for row in rows:
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
        print(f"{name}: {len(rows):,} rows")

    def write_interactions(self, rows):
        newest, products = {}, collections.defaultdict(set)
        for row in rows:
            if row["user_id"] and row["kind"] != "return":
                products[row["user_id"]].add(row["product_id"])
                newest[row["user_id"]] = max(newest.get(row["user_id"], ("",)), (row["at"], row["product_id"]))
        held = {(user, pick[1]) for user, pick in newest.items() if len(products[user]) > 1}
        self.write("interactions.jsonl", [r for r in rows if (r["user_id"], r["product_id"]) not in held])
        self.write("held_out.jsonl", [{"user_id": user, "product_id": product} for user, product in sorted(held)])


def convert_movielens(data, out):
    genres = "unknown action adventure animation children comedy crime documentary drama fantasy film-noir horror " \
             "musical mystery romance sci-fi thriller war western".split()
    products = []
    with open(os.path.join(data, "u.item"), encoding="latin-1") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("|")
            of = [genre for genre, flag in zip(genres, fields[5:]) if flag == "1"]
            products.append({"product_id": fields[0], "title": fields[1], "category": of[0] if of else "unknown",
                             "vendor": fields[2][-4:] or None, "deleted": False, "changed_at": iso(0)})
    out.write("products.jsonl", products)
    with open(os.path.join(data, "u.user"), encoding="latin-1") as lines:
        out.write("users.jsonl", [{"user_id": f[0], "region": f[4][:1], "deleted": False, "changed_at": iso(0)}
                                  for f in (line.rstrip("\n").split("|") for line in lines)])
    rows = []
    with open(os.path.join(data, "u.data")) as lines:
        for number, line in enumerate(lines):
            user, product, rating, at = line.split()
            rows.append({"event_id": f"r{number}", "user_id": user, "product_id": product, "kind": "rating",
                         "value": float(rating), "at": iso(int(at))})
    out.write_interactions(rows)


def convert_retail(data, out):
    rows, products, users = [], {}, {}
    with gzip.open(os.path.join(data, "OnlineRetail.csv.gz"), "rt", encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(csv.DictReader(file)):
            at = line["InvoiceDate"].replace(" ", "T") + "Z"
            user = line["CustomerID"].split(".")[0] or None
            code, quantity = line["StockCode"], int(line["Quantity"])
            returned = line["InvoiceNo"].startswith("C")
            rows.append({"event_id": f"{line['InvoiceNo']}-{number}", "user_id": user, "product_id": code,
                         "kind": "return" if returned else "purchase", "quantity": -quantity if returned else quantity,
                         "at": at})
            product = products.setdefault(code, {"product_id": code, "title": None, "category": code[:3],
                                                 "vendor": code[:4], "price": float(line["UnitPrice"]),
                                                 "deleted": False, "changed_at": at})
            product["title"] = product["title"] or line["Description"] or None
            if user:
                users.setdefault(user, {"user_id": user, "region": line["Country"], "deleted": False, "changed_at": at})
    out.write("products.jsonl", list(products.values()))
    out.write("users.jsonl", list(users.values()))
    out.write_interactions(rows)


def convert(data, folder):
    if os.path.exists(os.path.join(data, "u.data")):
        return convert_movielens(data, Warehouse(folder))
    if os.path.exists(os.path.join(data, "OnlineRetail.csv.gz")):
        return convert_retail(data, Warehouse(folder))
    sys.exit(f"{data} has neither u.data (https://grouplens.org/datasets/movielens/100k/) nor OnlineRetail.csv.gz "
             "(https://archive.ics.uci.edu/dataset/352/online+retail, as CSV, packed with gzip)")


# --- the recount -------------------------------------------------------------------------------------------------------

def lines(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                yield None


def broken_rules(row):
    """How many rules a record breaks: so often it is counted in the summary of the dead letters."""
    if row is None or not str(row.get("at", "2"))[:1].isdigit():
        return 1  # cannot be decoded
    kinds = ("view", "cart", "purchase", "rating", "return")
    value = row.get("value")
    return sum([not row.get("event_id"), not row.get("user_id"), not row.get("product_id"), not row.get("at"),
                row.get("kind") not in kinds, not 1 <= row.get("quantity", 1) <= 100000,
                value is not None and not 0 <= value <= 5])


class Node:
    def __init__(self, url):
        self.url = url

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)

    def rows(self, view):
        return self.get(f"/v1/views/{view}?limit=10000")["rows"]


def check(folder, node):
    interactions, rejected, broken = {}, 0, 0
    for row in lines(folder, "interactions.jsonl"):
        if rules := broken_rules(row):
            rejected += 1
            broken += rules
        else:
            interactions.setdefault(row["event_id"], row)
    products = {row["product_id"]: row for row in lines(folder, "products.jsonl")}
    users = {row["user_id"]: row for row in lines(folder, "users.jsonl")}
    differences = 0

    def compare(what, found, expected):
        nonlocal differences
        same = found == expected
        differences += not same
        shown = "" if same else f": the node says {str(found)[:200]}, the files {str(expected)[:200]}"
        print(f"{'same' if same else 'DIFFERENT':9} {what}{shown}")

    stats = collections.defaultdict(collections.Counter)
    sold, in_category, seen = collections.Counter(), collections.defaultdict(collections.Counter), {}
    for row in interactions.values():
        stats[row["product_id"]][row["kind"]] += 1
        sold[row["product_id"]] += row.get("quantity", 1) if row["kind"] == "purchase" else 0
        category = products[row["product_id"]]["category"]
        if row["kind"] in ("purchase", "rating") and category is not None:
            in_category[category][row["product_id"]] += 1
        if row["kind"] != "return":
            seen.setdefault(row["user_id"], set()).add(row["product_id"])

    for _ in range(600):  # until the node has read the files
        found = {row["product_id"]: row for row in node.rows("product_stats")}
        if sum(r["views"] + r["carts"] + r["purchases"] + r["ratings"] for r in found.values()) >= sum(
                r["kind"] != "return" for r in interactions.values()):
            break
        time.sleep(0.5)
    print(f"{len(interactions):,} interactions, {len(products):,} products, {len(users):,} users")
    names = {"view": "views", "cart": "carts", "purchase": "purchases", "rating": "ratings"}
    compare(f"counts of {len(stats):,} products",
            {key: [row[name] for name in names.values()] + [row["sold"] or 0] for key, row in found.items()},
            {key: [counts[kind] for kind in names] + [sold[key]] for key, counts in stats.items()})
    compare("products and users", [len(node.rows("products")), len(node.rows("users"))], [len(products), len(users)])
    letters = node.get("/v1/dead-letters/summary")
    compare(f"rules broken by {rejected:,} rejected records", sum(group["letters"] for group in letters["groups"]), broken)
    best = {row["category"]: row for row in node.rows("best_sellers")}
    compare(f"bought in {len(best)} categories", {key: row["bought"] for key, row in best.items()},
            {key: sum(counts.values()) for key, counts in in_category.items()})
    few = {key for key, counts in in_category.items() if len(counts) <= 512}
    compare(f"best sellers of {len(few)} categories",
            {key: sorted((count for _, count in best[key]["top"]), reverse=True) for key in few},
            {key: heapq.nlargest(10, in_category[key].values()) for key in few})

    ready = {row["user"]: [item["item"] for item in row["items"]] for row in node.rows("ready")}
    compare("users with a stored answer", len(ready), len(users))
    compare("recommended though had already", sum(len(seen.get(u, set()) & set(items)) for u, items in ready.items()), 0)
    held = [(row["user_id"], row["product_id"]) for row in lines(folder, "held_out.jsonl")]
    popular = [key for key, _ in sorted(collections.Counter(
        p for of in seen.values() for p in of).items(), key=lambda entry: (-entry[1], entry[0]))]
    hits = sum(product in ready[user][:20] for user, product in held)
    by_popularity = 0
    for user, product in held:
        fresh = (p for p in popular if p not in seen.get(user, ()))
        by_popularity += product in [next(fresh, None) for _ in range(20)]
    print(f"held out: of {len(held):,} users' newest products {hits:,} are among the 20 stored "
          f"({hits / len(held):.1%}); of the 20 best sellers of each {by_popularity:,} ({by_popularity / len(held):.1%})")

    user = held[0][0]
    began = time.perf_counter()
    for _ in range(200):
        node.get("/v1/views/ready/" + urllib.parse.quote(user))
    stored = (time.perf_counter() - began) / 200
    began = time.perf_counter()
    for asked, _ in held[:200]:
        node.get(f"/v1/users/{urllib.parse.quote(asked)}/recommendations?model=home&n=21")  # not kept yet
    live = (time.perf_counter() - began) / len(held[:200])
    print(f"a stored answer took {stored * 1000:.1f} ms, a live one {live * 1000:.1f} ms, as this client sees it")
    event = {"event_id": "live-1", "user_id": user, "product_id": ready[user][0], "kind": "purchase",
             "at": max(row["at"] for row in interactions.values())}
    before = node.get(f"/v1/users/{urllib.parse.quote(user)}/recommendations?model=home&n=10")
    urllib.request.urlopen(urllib.request.Request(
        node.url + "/v1/events?source=posted_interactions", json.dumps(event).encode(),
        {"Content-Type": "application/json"}), timeout=60).read()
    for _ in range(100):
        after = node.get(f"/v1/users/{urllib.parse.quote(user)}/recommendations?model=home&n=10")
        if after["history"] > before["history"]:
            break
        time.sleep(0.05)
    compare("a posted purchase counts in the next answer",
            [after["history"] - before["history"], ready[user][0] in [i["item"] for i in after["items"]]], [1, False])
    return differences


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "convert":
        convert(sys.argv[2], sys.argv[3])
    elif len(sys.argv) == 4 and sys.argv[1] == "check":
        sys.exit(1 if check(sys.argv[2], Node(sys.argv[3])) else 0)
    else:
        sys.exit(__doc__)
