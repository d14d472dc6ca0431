#!/usr/bin/env python3
"""Converts Deskdrop and Restaurant & consumer data to the input of config/topologies/personalization.yaml, and recounts what a run
over them is to come to, by other means: plain Python for the sessions, SQL over the run's own tables for the training view.

  personalization.py convert SET SOURCE FOLDER     web_events.jsonl, purchases.jsonl, customers.jsonl, items.jsonl of that set
  personalization.py compare SET FOLDER DATABASE   the run's tables against a recount; exit code 1 if anything differs

SET is deskdrop or restaurants; used by personalization.sh.
"""

import collections
import csv
import datetime
import json
import math
import os
import sqlite3
import sys

TIMEOUT = 30 * 60
EVENTS = {"VIEW": "view", "LIKE": "like", "BOOKMARK": "bookmark", "COMMENT CREATED": "comment", "FOLLOW": "follow"}
STRENGTH = {"view": 1, "purchase": 5, "like": 2}


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def rows_of(path):
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.DictReader(file))


def write(folder, name, rows):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def closing(latest):
    """Events of eight other sessions, two days later: they close all sessions before, in whatever partition those are."""
    return [
        {"event_id": f"closing{i}", "session_id": f"closing{i}", "customer_id": "closing", "item_id": "closing", "event": "view",
         "seconds": 0, "at": iso(latest + 2 * 86400)}
        for i in range(8)
    ]


def convert_deskdrop(source):
    """The file is in no order; a site would send its events as they happen. Where a customer was last seen stands for the
    demographics."""
    interactions = rows_of(os.path.join(source, "deskdrop", "users_interactions.csv"))
    interactions.sort(key=lambda row: int(row["timestamp"]))
    events, customers = [], {}
    for number, row in enumerate(interactions):
        events.append({"event_id": f"e{number}", "session_id": row["sessionId"], "customer_id": row["personId"],
                       "item_id": row["contentId"], "event": EVENTS[row["eventType"]], "at": iso(int(row["timestamp"]))})
        known = customers.setdefault(row["personId"], {"customer_id": row["personId"]})
        if row["userCountry"]:
            known["region"] = row["userCountry"]
        if row["userRegion"]:
            known["segment"] = row["userCountry"] + "-" + row["userRegion"]
    items = [{"item_id": item} for item in sorted({row["contentId"] for row in interactions})]
    return events, [], list(customers.values()), items


def convert_restaurants(source):
    """Ratings of 0, 1, 2 become 1, 3, 5. They have no times: one a minute, in the order of the file."""
    folder = os.path.join(source, "restaurant-consumer")
    lists = {}
    for name, key, column in (("usercuisine", "userID", "Rcuisine"), ("chefmozcuisine", "placeID", "Rcuisine")):
        for row in rows_of(os.path.join(folder, name + ".csv")):
            lists.setdefault(row[key], []).append(row[column])
    customers = [{"customer_id": row["userID"], "birth_year": int(row["birth_year"]), "segment": row["drink_level"],
                  "region": row["budget"], "interests": "|".join(lists.get(row["userID"], []))}
                 for row in rows_of(os.path.join(folder, "userprofile.csv"))]
    prices = {"low": 10, "medium": 25, "high": 50}
    items = [{"item_id": row["placeID"], "category": (lists.get(row["placeID"]) or [None])[0], "brand": row["area"],
              "price": prices[row["price"]], "tags": "|".join(lists.get(row["placeID"], []))}
             for row in rows_of(os.path.join(folder, "geoplaces2_names.csv"))]
    purchases = [{"order_id": f"o{number}", "customer_id": row["userID"], "item_id": row["placeID"], "quantity": 1,
                  "rating": 1 + 2 * int(row["rating"]), "at": iso(1767225600 + 60 * number)}
                 for number, row in enumerate(rows_of(os.path.join(folder, "rating_final.csv")))]
    return [], purchases, customers, items


def convert(name, source, folder):
    os.makedirs(folder, exist_ok=True)
    events, purchases, customers, items = {"deskdrop": convert_deskdrop, "restaurants": convert_restaurants}[name](source)
    latest = max(seconds_of(row["at"]) for row in events + purchases)
    write(folder, "web_events.jsonl", events + closing(latest))
    write(folder, "purchases.jsonl", purchases)
    write(folder, "customers.jsonl", customers)
    write(folder, "items.jsonl", items)
    print(f"{name}: {len(events)} events, {len(purchases)} purchases, {len(customers)} customers, {len(items)} items")


def sessions_of(events):
    """All documents: runs of events of one id of which none is TIMEOUT or more from the next."""
    by_session = collections.defaultdict(list)
    for row in events:
        by_session[row["session_id"]].append((seconds_of(row["at"]), row))
    documents = {}
    for session, rows in by_session.items():
        rows.sort(key=lambda entry: entry[0])
        start, last = None, None
        for at, row in rows:
            if last is None or at - last >= TIMEOUT:
                start = at
                documents[session, start] = {"events": 0, "last": at, "items": {}}
            document = documents[session, start]
            document["events"] += 1
            document["last"] = last = at
            if row["event"] == "view":
                document["items"][row["item_id"]] = at
    return documents


def compare_sessions(events, database):
    expected = sessions_of(events)
    found = {}
    for session, start, last, count, items in database.execute(
            "SELECT session_id, session_start, last_update, events, items_viewed FROM web_sessions"):
        found[session, seconds_of(start)] = (seconds_of(last), count, sorted(json.loads(items)))
    recounted = {key: (document["last"], document["events"], sorted(document["items"])) for key, document in expected.items()}
    wrong = [key for key in found.keys() | recounted.keys() if found.get(key) != recounted.get(key)]
    print(f"  sessions       run {len(found):7d}  recount {len(recounted):7d}  different {len(wrong)}")
    print(f"  their events   run {sum(v[1] for v in found.values()):7d}  recount {sum(v[1] for v in recounted.values()):7d}")
    return len(wrong)


def compare_training_view(events, purchases, customers, database):
    """In SQL: the input in tables of its own, joined and grouped."""
    memory = sqlite3.connect(":memory:")
    memory.create_function("ln_of", 1, math.log)
    memory.execute("CREATE TABLE actions (customer, item, event, rating, at, strength)")
    memory.execute("CREATE TABLE customers (customer PRIMARY KEY, birth_year, segment, region)")
    rows = [(r["customer_id"], r["item_id"], r["event"], None, r["at"]) for r in events]
    rows += [(r["customer_id"], r["item_id"], "purchase", r["rating"], r["at"]) for r in purchases]
    memory.executemany("INSERT INTO actions VALUES (?,?,?,?,?,?)", [row + (STRENGTH.get(row[2], 3),) for row in rows])
    memory.executemany("INSERT OR REPLACE INTO customers VALUES (?,?,?,?)",
                       [(r["customer_id"], r.get("birth_year"), r.get("segment"), r.get("region")) for r in customers])
    memory.execute("CREATE INDEX of_pair ON actions (customer, item)")
    recounted = {row[:2]: row[2:] for row in memory.execute("""
        SELECT a.customer, a.item, sum(a.event = 'view'), sum(a.event = 'purchase'),
               (SELECT b.rating FROM actions b WHERE b.customer = a.customer AND b.item = a.item AND b.rating IS NOT NULL
                ORDER BY b.at DESC LIMIT 1),
               round(min(5.0, 1 + ln_of(sum(a.strength))), 9), max(a.at), c.birth_year, c.segment, c.region
        FROM actions a LEFT JOIN customers c ON c.customer = a.customer
        GROUP BY a.customer, a.item""")}
    found = {row[:2]: row[2:] for row in database.execute("""
        SELECT customer_id, item_id, views, purchases, explicit_rating, round(implicit_rating, 9), last_interaction, birth_year,
               segment, region FROM training_view""")}
    wrong = [key for key in found.keys() | recounted.keys() if found.get(key) != recounted.get(key)]
    for key in wrong[:3]:
        print("   ", key, "run", found.get(key), "recount", recounted.get(key))
    explicit = sum(row[2] is not None for row in found.values())
    print(f"  training view  run {len(found):7d}  recount {len(recounted):7d}  different {len(wrong)}  with explicit rating {explicit}")
    return len(wrong)


def compare(name, folder, path):
    database = sqlite3.connect(path)
    events = [row for row in read(folder, "web_events.jsonl") if row["customer_id"] != "closing"]
    print(name)
    wrong = compare_sessions(events, database)
    wrong += compare_training_view(events, read(folder, "purchases.jsonl"), read(folder, "customers.jsonl"), database)
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] not in ("convert", "compare") or sys.argv[2] not in ("deskdrop", "restaurants"):
        sys.exit(__doc__)
    sys.exit({"convert": convert, "compare": compare}[sys.argv[1]](*sys.argv[2:]))
