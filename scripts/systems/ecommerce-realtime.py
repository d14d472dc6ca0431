#!/usr/bin/env python3
"""Real data for config/topologies/ecommerce-realtime.yaml, and an independent recount of what comes of it.

    ecommerce-realtime.py convert rees46|online-retail FILE FOLDER    FILE in the publisher's form -> the topology's input
    ecommerce-realtime.py post FOLDER URL [ROWS]                      both topics by time, so many rows at once (10000)
    ecommerce-realtime.py check FOLDER URL                            the node's answers, and its training rows in FOLDER (ECOMMERCE_OUT),
                                                                      against a recount; exit code 1 if anything differs

FOLDER may also be one that `penstock generate --system ecommerce-realtime` has written. The two topics are taken to be at most
five minutes apart, so post such data in parts of 50 rows.
Python's standard library alone; nothing of Penstock is used to count.
"""
import collections
import csv
import datetime
import glob
import gzip
import hashlib
import json
import math
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

CLICKS, ORDERS = "clickstream-events.jsonl", "purchase-events.jsonl"
MOST_SECONDS_ON_PAGE = 1800


def iso(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_rows(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_products(folder, products):
    with open(os.path.join(folder, "products.csv"), "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["product_id", "title", "category", "brand", "price"])
        out.writerows(products)


def convert_rees46(path, folder):
    """View, cart and purchase of a shop. Time on a page is the time to the next event of the session."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["id"] = f"r{number}"
        row["when"] = datetime.datetime.strptime(row["event_time"], "%Y-%m-%d %H:%M:%S UTC")
    rows.sort(key=lambda row: row["when"])  # stable
    next_of, last_of = {}, {}
    for row in rows:
        session = row["user_session"]
        if session in last_of:
            next_of[last_of[session]["id"]] = row["when"]
        last_of[session] = row
    clicks, orders, products = [], [], {}
    for row in rows:
        products[row["product_id"]] = [row["product_id"], "", row["category_code"], row["brand"], row["price"]]
        common = {"user_id": row["user_id"], "product_id": row["product_id"], "at": iso(row["when"])}
        if row["event_type"] == "purchase":
            orders.append({"purchase_id": row["id"], "order_id": row["user_session"], **common, "quantity": 1,
                           "price": float(row["price"])})
            continue
        event = {"remove_from_cart": "remove"}.get(row["event_type"], row["event_type"])
        click = {"event_id": row["id"], "session_id": row["user_session"], **common, "event": event}
        gap = (next_of[row["id"]] - row["when"]).total_seconds() if row["id"] in next_of else None
        if event == "view" and gap is not None and gap <= MOST_SECONDS_ON_PAGE:
            click["seconds"] = gap
        clicks.append(click)
    write_rows(os.path.join(folder, CLICKS), clicks)
    write_rows(os.path.join(folder, ORDERS), orders)
    write_products(folder, products.values())


def convert_online_retail(path, folder):
    """Invoice lines. Lines without a customer go through as they are: they are to be rejected. There are no clicks and no
    categories; the catalogue has each article's last description and price."""
    opener = gzip.open if path.endswith(".gz") else open
    orders, products = [], {}
    with opener(path, "rt", encoding="utf-8", errors="replace", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            order = {"purchase_id": f"l{number}", "order_id": row["InvoiceNo"]}
            if row["CustomerID"]:
                order["user_id"] = row["CustomerID"].removesuffix(".0")
            order |= {"product_id": row["StockCode"], "quantity": int(row["Quantity"]), "price": float(row["UnitPrice"]),
                      "at": row["InvoiceDate"].replace(" ", "T") + "Z"}
            orders.append(order)
            products[row["StockCode"]] = [row["StockCode"], row["Description"], "", "", row["UnitPrice"]]
    orders.sort(key=lambda order: order["at"])  # stable
    write_rows(os.path.join(folder, CLICKS), [])
    write_rows(os.path.join(folder, ORDERS), orders)
    write_products(folder, products.values())


def ask(url, data=None, headers=None):
    request = urllib.request.Request(url, data=data, headers=headers or {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def view(url, name):
    return ask(f"{url}/v1/views/{name}?limit=10000")["rows"]


def post(folder, url, size=10_000):
    """Parts of both topics that end at the same time, so that neither runs far ahead."""
    products = sum(1 for _ in csv.DictReader(open(os.path.join(folder, "products.csv"), encoding="utf-8", newline="")))
    while len(view(url, "catalogue")) < products:
        time.sleep(0.2)
    waiting = []
    for topic in (CLICKS, ORDERS):
        at = ""
        with open(os.path.join(folder, topic), encoding="utf-8") as file:
            for line in file:  # a broken line goes with the one before it
                found = re.search(r'"at": ?"(\d[^"]*)"', line)
                at = max(at, found[1] if found else at)
                waiting.append((at, topic, line))
    waiting.sort(key=lambda row: row[0])
    begun, sent = time.monotonic(), collections.Counter()
    for start in range(0, len(waiting), size):
        part = waiting[start:start + size]
        for topic in (ORDERS, CLICKS):
            body = "".join(line for _, of, line in part if of == topic).encode()
            if not body:
                continue
            try:
                answer = ask(f"{url}/ingest/{topic.removesuffix('.jsonl')}", body,
                             {"Content-Type": "application/x-ndjson", "Idempotency-Key": hashlib.sha256(body).hexdigest()})
            except urllib.error.HTTPError as error:
                sys.exit(f"{topic}: {error.code} {error.read().decode()[:500]}")
            for what in ("accepted", "rejected", "duplicates"):
                sent[what] += answer[what]
    print(f"posted in {time.monotonic() - begun:.1f} s: " + ", ".join(f"{sent[key]:,} {key}" for key in sent))


def sound(line, order):
    """The record, if it is to be taken: by the rules that the topology states."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    if not row.get("user_id") or not row.get("product_id") or not re.match(r"\d{4}-\d\d-\d\dT", row["at"]):
        return None
    if order:
        return row if row["quantity"] != 0 and row["price"] >= 0 else None
    return row if row["event"] in ("view", "cart", "remove") and 0 <= row.get("seconds", 0) <= 86400 else None


def moment(row):
    return datetime.datetime.fromisoformat(row["at"][:-1])


def recount(folder):
    """What the topology's views and features are to be, counted row by row."""
    categories = {}
    with open(os.path.join(folder, "products.csv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            categories[row["product_id"]] = row["category"] or None
    rows, seen, rejected = [], set(), 0
    for topic in (CLICKS, ORDERS):
        with open(os.path.join(folder, topic), encoding="utf-8") as file:
            for line in file:
                order = topic == ORDERS
                row = sound(line, order)
                if row is None:
                    rejected += 1
                    continue
                name = row["purchase_id" if order else "event_id"]
                if (topic, name) in seen:
                    continue
                seen.add((topic, name))
                row["kind"] = row["event"] if not order else "purchase" if row["quantity"] > 0 else "return"
                rows.append(row)

    def nothing():
        return {"views": 0, "carts": 0, "purchases": 0, "returns": 0, "money": [], "seconds": [], "last": "",
                "categories": collections.Counter(), "units": 0}
    users, products = collections.defaultdict(nothing), collections.defaultdict(nothing)
    hours = collections.defaultdict(lambda: [0, [], set()])
    bought = collections.defaultdict(list)
    for row in rows:
        for sums in (users[row["user_id"]], products[row["product_id"]]):
            if row["kind"] + "s" in sums:
                sums[row["kind"] + "s"] += 1
            if "quantity" in row:
                sums["money"].append(row["quantity"] * row["price"])
                sums["units"] += row["quantity"]
            if row.get("seconds") is not None:
                sums["seconds"].append(row["seconds"])
            sums["last"] = max(sums["last"], row["at"])
            if categories.get(row["product_id"]):
                sums["categories"][categories[row["product_id"]]] += 1
        if "quantity" in row:
            hour = hours[row["at"][:13] + ":00:00Z"]
            hour[0] += 1
            hour[1].append(row["quantity"] * row["price"])
            hour[2].add(row["user_id"])
        if row["kind"] == "purchase":
            bought[row["user_id"], row["product_id"]].append(moment(row))
    hour_long = datetime.timedelta(hours=1)
    converted = 0
    for row in rows:
        if row["kind"] == "view":
            at = moment(row)
            converted += any(at <= when <= at + hour_long for when in bought[row["user_id"], row["product_id"]])
    return {"users": users, "products": products, "hours": hours, "rows": rows, "rejected": rejected,
            "converted": converted}


def near(a, b):
    return math.isclose(a or 0, b or 0, rel_tol=1e-9, abs_tol=1e-6)


class Comparison:
    def __init__(self):
        self.wrong = 0

    def say(self, what, compared, differences):
        self.wrong += len(differences)
        print(f"{what:<34}{compared:>9,} compared{len(differences):>7,} differ")
        for difference in differences[:5]:
            print("    " + difference)

    def single(self, what, expected, found):
        self.say(what, 1, [] if expected == found else [f"recount {expected}, node {found}"])


def of_features(url, store, prefix, known):
    """As GET /v1/features tells it, a thousand keys at a time."""
    differences, keys = [], sorted(known)
    for start in range(0, len(keys), 1000):
        part = keys[start:start + 1000]
        target = f"{url}/v1/features/{store}?keys={urllib.parse.quote(','.join(part), safe=',')}"
        for row in ask(target)["rows"]:
            sums = known[row["key"]]
            found = row.get("features")
            if not found:
                differences.append(f"{row['key']}: {row.get('missing')}")
                continue
            money = found["user_spent" if prefix == "user_" else "product_revenue"]
            average = sum(sums["seconds"]) / len(sums["seconds"]) if sums["seconds"] else None
            right = all(found[prefix + name] == sums[name] for name in ("views", "carts", "purchases", "returns"))
            right = right and near(money, math.fsum(sums["money"])) and near(found[prefix + "avg_time_on_page"], average)
            right = right and found[prefix + "last_interaction"] == sums["last"]
            if prefix == "user_":
                right = right and (found["user_per_category"] or {}) == dict(sums["categories"])
            if not right:
                differences.append(f"{row['key']}: node {found}, recount {sums}"[:600])
    return differences


def of_training_rows(folder, url, known):
    """Every row that the node has written for training, against what had happened before it: the user's events strictly
    before, the product's up to the last full minute."""
    ask(f"{url}/v1/jobs/snapshots/run", b"")
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        runs = ask(f"{url}/v1/jobs/training_rows")["runs"]
        if runs and runs[0]["ended"]:
            break
        time.sleep(0.3)
    of_user, of_product, bought = (collections.defaultdict(list) for _ in range(3))
    for row in known["rows"]:
        at = moment(row)
        of_user[row["user_id"]].append((at, row["kind"]))
        of_product[row["product_id"]].append((at, row["kind"]))
        if row["kind"] == "purchase":
            bought[row["user_id"], row["product_id"]].append(at)
    differences, compared = [], 0
    for path in sorted(glob.glob(os.path.join(folder, "ecommerce-training", "*", "*.jsonl"))):
        with open(path, encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                at = moment(row)
                minute = at.replace(second=0, microsecond=0)
                user = collections.Counter(kind for when, kind in of_user[row["user_id"]] if when < at)
                product = collections.Counter(kind for when, kind in of_product[row["product_id"]] if when < minute)
                expected = {"user_views": user["view"], "user_purchases": user["purchase"],
                            "product_views": product["view"], "product_carts": product["cart"],
                            "product_purchases": product["purchase"],
                            "bought": any(at <= when <= at + datetime.timedelta(hours=1)
                                          for when in bought[row["user_id"], row["product_id"]])}
                compared += 1
                if any(row[name] != value for name, value in expected.items()):
                    differences.append(f"{line.strip()}, recount {expected}")
    return compared, differences


def check(folder, url):
    known = recount(folder)
    views = sum(1 for row in known["rows"] if row["kind"] == "view")
    activity, patience = [], time.monotonic() + 120
    while time.monotonic() < patience:  # until all that was posted has arrived
        activity = view(url, "product_activity")
        if sum(row["views"] + row["purchases"] + row["returns"] for row in activity) >= sum(
                row["kind"] in ("view", "purchase", "return") for row in known["rows"]):
            break
        time.sleep(0.3)
    compare = Comparison()
    print(f"recount: {len(known['rows']):,} rows ({views:,} views), {known['rejected']:,} to be rejected")
    letters = 0
    page = ask(f"{url}/v1/dead-letters?limit=1")["letters"]
    if page:
        letters = page[0]["number"] + 1  # numbered from 0, newest first
    compare.single("dead letters", known["rejected"], letters)
    products = known["products"]
    found = {row["product_id"]: row for row in activity}
    differences = [key for key in products.keys() ^ found.keys()]
    for key in products.keys() & found.keys():
        sums, row = products[key], found[key]
        if any(row[name] != sums[name] for name in ("views", "carts", "purchases", "returns")) or not near(
                row["revenue"], math.fsum(sums["money"])) or (row["units"] or 0) != sums["units"]:
            differences.append(f"{key}: node {row}, recount {sums}"[:600])
    compare.say("product_activity", len(products), differences)
    compare.say("user_features", len(known["users"]), of_features(url, "user_features", "user_", known["users"]))
    compare.say("product_features", len(products), of_features(url, "product_features", "product_", products))
    hours = {row["window_start"]: row for row in view(url, "sales_per_hour")}
    differences = [hour for hour in hours.keys() ^ known["hours"].keys()]
    for hour in hours.keys() & known["hours"].keys():
        lines, money, buyers = known["hours"][hour]
        row = hours[hour]
        if row["lines"] != lines or row["buyers"] != len(buyers) or not near(row["revenue"], math.fsum(money)):
            differences.append(f"{hour}: node {row}, recount {lines} {math.fsum(money)} {len(buyers)}")
    compare.say("sales_per_hour", len(known["hours"]), differences)
    labelled = {row["bought"]: row["views"] for row in view(url, "converted")}
    compare.single("views that a purchase followed", known["converted"], labelled.get(True, 0))
    compare.say("training rows", *of_training_rows(folder, url, known))
    print("all equal" if compare.wrong == 0 else f"{compare.wrong} differences")
    return 1 if compare.wrong else 0


def main(arguments):
    if len(arguments) == 4 and arguments[0] == "convert" and arguments[1] in ("rees46", "online-retail"):
        os.makedirs(arguments[3], exist_ok=True)
        (convert_rees46 if arguments[1] == "rees46" else convert_online_retail)(arguments[2], arguments[3])
        return 0
    if len(arguments) in (3, 4) and arguments[0] == "post":
        post(arguments[1], arguments[2], *map(int, arguments[3:]))
        return 0
    if len(arguments) == 3 and arguments[0] == "check":
        return check(arguments[1], arguments[2])
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
