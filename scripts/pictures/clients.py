#!/usr/bin/env python3
"""The clients of scripts/pictures/shop.yaml, for so many seconds: they click, pay, ask, choose; and the shop's CRM, which
is away for a while. In the middle clicks come that are hard to price, so that the stage `priced` cannot keep up.
usage: clients.py NODE_PORT CRM_PORT SECONDS   (payments go to stdout, one a line, for kcat)"""
import http.server
import json
import random
import sys
import threading
import time
import urllib.error
import urllib.request

node, crm, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
begun = time.time()
rng = random.Random(7)


def part():
    """How much of the time has gone, 0 to 1."""
    return (time.time() - begun) / seconds


def ask(path, body=None, method=None):
    request = urllib.request.Request(f"http://127.0.0.1:{node}{path}", None if body is None else json.dumps(body).encode(),
                                     {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError:
        return {}
    except OSError:
        time.sleep(0.5)
        return {}


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Crm(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503 if 0.3 < part() < 0.5 else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


def click():
    number, decision = 0, None
    while part() < 1:
        hard = part() > 0.75
        rows = []
        for _ in range(10):
            number += 1
            rows.append({"id": f"c{begun}-{number}", "user": rng.randint(1, 500), "at": now(),
                         "price": -1 if rng.random() < 0.01 else round(rng.random() * 50, 2),
                         "effort": EFFORT if hard else 100})
        if decision and rng.random() < 0.3:
            rows[0]["decision"] = decision
        ask("/ingest/clicks", rows)
        if number % 200 == 0:
            ask("/ingest/clicks", rows)  # again, as a client does that got no answer
        decision = ask("/v1/models/banner/choose", {"user": str(rng.randint(1, 500))}).get("decision")
        time.sleep(0.1)


def look():
    while part() < 1:
        user = rng.randint(1, 500) if rng.random() < 0.8 else rng.randint(100000, 200000)
        ask(rng.choices([f"/v1/users/{user}/recommendations", f"/v1/users/{user}/recommendations?model=taste",
                         f"/v1/users/{user}/recommendations?model=home", f"/v1/items/{rng.randint(1, 320)}/similar",
                         f"/v1/views/per_user/{user}", f"/v1/users/{user % 3}/recommendations?model=home", "/v1/nothing"],
                        [4, 3, 3, 2, 2, 2, 0.2])[0])
        if rng.random() < 0.2:
            ask("/v1/models/bought/predict", {"features": {"category": "c1", "price": rng.random() * 50}})
        time.sleep(rng.expovariate(12))


def work():
    ask("/v1/backup", method="POST")
    while part() < 1:
        time.sleep(min(45, seconds / 10))
        ask("/v1/views/catalogue/recompute", {})


EFFORT = 120_000
server = http.server.ThreadingHTTPServer(("127.0.0.1", crm), Crm)
threading.Thread(target=server.serve_forever, daemon=True).start()
for what in (click, look, work):
    threading.Thread(target=what, daemon=True).start()
came = False
while part() < 1:
    heap, came = part() > 0.5 and not came, part() > 0.5
    for _ in range(60_000 if heap else 4):  # once, a heap of payments at a time
        print(json.dumps({"user": rng.randint(1, 500), "amount": round(rng.random() * 90, 2), "at": now()}))
    sys.stdout.flush()
    time.sleep(0.2)
