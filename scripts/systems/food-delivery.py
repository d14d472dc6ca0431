#!/usr/bin/env python3
"""The DoorDash sample for config/topologies/food-delivery.yaml.

  food-delivery.py convert FOLDER OUT    writes restaurants.jsonl, trips.jsonl and payments.jsonl out of the sample's CSV
  food-delivery.py check FOLDER URL OUT  counts failures from the CSV, without Penstock, and compares with a running node and
                                         the files that its jobs wrote to OUT; exit code 1 if anything differs
"""
import collections
import csv
import datetime
import glob
import json
import sys
import urllib.request

LATE_MINUTES = 90


def moment(text, not_before=None):
    """`14 20:27:45`: the sample says the day of the month alone. Orders of the 31st come before those of the 1st; anything else is
    the first such moment that is not before the order."""
    if not text:
        return None
    day, clock = text.split()
    hour, minute, second = map(int, clock.split(":"))
    months = [(2014, 12), (2015, 1), (2015, 2)]
    if not_before is None:
        months = [(2014, 12)] if int(day) == 31 else [(2015, 1)]
    for year, month in months:
        try:
            at = datetime.datetime(year, month, int(day), hour, minute, second)
        except ValueError:
            continue
        if not_before is None or at >= not_before:
            return at
    return None


def deliveries(folder):
    with open(folder + "/Analytics_Sample_Data.csv", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            ordered = moment(row["Customer_placed_order_datetime"])
            yield f"o{number}", row, ordered, moment(row["Delivered_to_consumer_datetime"], ordered)


def iso(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def convert(folder, out):
    streams = {"restaurants": [], "trips": [], "payments": []}
    for delivery, row, ordered, ended in deliveries(folder):
        streams["restaurants"].append((ordered, {
            "delivery_id": delivery, "restaurant_id": "r" + row["Restaurant_ID"], "consumer_id": "c" + row["Consumer_ID"],
            "region": row["Delivery_Region"], "asap": row["Is_ASAP"] == "TRUE", "is_new": row["Is_New"] == "TRUE",
            "total": float(row["Order_total"]), "ordered_at": iso(ordered)}))
        streams["trips"].append((ended, {
            "delivery_id": delivery, "driver_id": "d" + row["Driver_ID"], "status": "DELIVERED", "ended_at": iso(ended)}))
        streams["payments"].append((ended, {
            "delivery_id": delivery, "discount": float(row["Amount_of_discount"]), "tip": float(row["Amount_of_tip"]),
            "refunded": float(row["Refunded_amount"]), "paid_at": iso(ended)}))
    for name, rows in streams.items():
        rows.sort(key=lambda row: row[0])
        with open(f"{out}/{name}.jsonl", "w") as file:
            for _, row in rows:
                file.write(json.dumps(row) + "\n")
        print(f"{name}: {len(rows)} records")


def recount(folder):
    """(restaurant -> counts, (region, day) -> counts, failed delivery -> kind), of plain Python."""
    restaurants = collections.defaultdict(collections.Counter)
    days = collections.defaultdict(collections.Counter)
    failed = {}
    for delivery, row, ordered, ended in deliveries(folder):
        cents = round(float(row["Refunded_amount"]) * 100)
        kind = None
        if cents > 0:
            kind = "refunded"
        elif row["Is_ASAP"] == "TRUE" and (ended - ordered).total_seconds() > LATE_MINUTES * 60:
            kind = "late"
        for counts in (restaurants["r" + row["Restaurant_ID"]], days[row["Delivery_Region"], iso(ordered)[:10]]):
            counts["deliveries"] += 1
            counts["refund_cents"] += cents
            if kind:
                counts["failed"] += 1
                counts[kind] += 1
        if kind:
            failed[delivery] = kind
    return restaurants, days, failed


def get(url):
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def rows_of(url, view):
    rows, after = [], ""
    while True:
        page = get(f"{url}/v1/views/{view}?limit=1000{after}")
        rows += page["rows"]
        if not page.get("next"):
            return rows
        after = "&after=" + urllib.request.quote(page["next"])


def compare(what, said, counted):
    same = said == counted
    print(f"{what}: Penstock {len(said)} rows, recount {len(counted)} rows: {'equal' if same else 'DIFFERENT'}")
    if not same:
        keys = [key for key in {**said, **counted} if said.get(key) != counted.get(key)]
        for key in keys[:10]:
            print(f"  {key}: Penstock {said.get(key)}, recount {counted.get(key)}")
    return same


def check(folder, url, out):
    restaurants, days, failed = recount(folder)
    columns = ("deliveries", "failed", "refunded", "late", "refund_cents")
    counted = {key: tuple(row[column] for column in columns) for key, row in restaurants.items()}
    day_columns = ("deliveries", "failed", "refund_cents")
    counted_days = {key: tuple(row[column] for column in day_columns) for key, row in days.items()}

    def by_restaurant(rows):
        return {row["restaurant_id"]: tuple(int(row[column]) for column in columns) for row in rows}

    def by_day(rows):
        return {(row["region"], row["day"][:10]): tuple(int(row[column]) for column in day_columns) for row in rows}

    def table(name):
        with open(f"{out}/food_{name}.csv", newline="") as file:
            return list(csv.DictReader(file))

    lake = {}
    for name in glob.glob(f"{out}/food_lake_deliveries/date=*/*.jsonl"):
        with open(name) as file:
            for line in file:
                row = json.loads(line)
                if row["failure"]:
                    lake[row["delivery_id"]] = row["failure"]
    same = [
        compare("speed layer, failures_by_restaurant", by_restaurant(rows_of(url, "failures_by_restaurant")), counted),
        compare("batch layer, failures_by_restaurant", by_restaurant(table("failures_by_restaurant")), counted),
        compare("speed layer, failures_by_day", by_day(rows_of(url, "failures_by_day")), counted_days),
        compare("batch layer, failures_by_day", by_day(table("failures_by_day")), counted_days),
        compare("speed layer, failed_deliveries",
                {row["delivery_id"]: row["failure"] for row in rows_of(url, "failed_deliveries")}, failed),
        compare("batch layer, failed_deliveries",
                {row["delivery_id"]: row["failure"] for row in table("failed_deliveries")}, failed),
        compare("lake, failed deliveries", lake, failed),
    ]
    kinds = collections.Counter(failed.values())
    total = sum(row["deliveries"] for row in restaurants.values())
    print(f"{len(failed)} of {total} deliveries failed ({dict(kinds)}), {sum(r['refund_cents'] for r in restaurants.values()) / 100:.2f} refunded")
    for model in ("failure_risk", "refund_risk"):
        print(f"{model}: {json.dumps(get(f'{url}/v1/models/{model}').get('live_quality'))}")
    items = get(f"{url}/v1/users/nobody/recommendations?n=300")["items"]
    share = {key: row["failed"] / row["deliveries"] for key, row in restaurants.items()}
    many = sorted((key for key in restaurants if restaurants[key]["deliveries"] >= 50), key=share.get)
    place = {item["item"]: number for number, item in enumerate(items, 1)}
    popular = sorted(restaurants, key=lambda key: -restaurants[key]["deliveries"])
    for key in many[:3] + many[-5:]:
        print(f"{key}: {share[key]:.1%} of {restaurants[key]['deliveries']} failed; place {popular.index(key) + 1} by orders, "
              f"place {place.get(key)} recommended")
    return all(same)


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "convert":
        convert(*sys.argv[2:])
    elif len(sys.argv) == 5 and sys.argv[1] == "check":
        sys.exit(0 if check(*sys.argv[2:]) else 1)
    else:
        sys.exit(__doc__)
