"""Real input for the system feedback-offers, the customers who answer its offers, and an independent recount.

  convert REVIEWS FOLDER        feedback.jsonl, customers.jsonl, discounts.jsonl out of the publisher's reviews.jsonl
  customers NODE_URL PORT FILE  takes posted offers on PORT and answers them; notes both in FILE. Runs until it is ended
  post FOLDER NODE_URL FILE     posts all of it in parts, each when the offers of the part before are answered
  check FOLDER NODE_URL FILE    recounts everything from the files, in plain Python, and compares; exit code 1 if anything differs

Profiles and discounts are not part of the published data: they are made up here, the same in every run.
"""
import bisect
import csv
import datetime
import http.server
import json
import sys
import threading
import time
import urllib.error
import urllib.request
import zlib

PERCENTS = [5, 10, 15, 20]
# How likely a customer of a segment takes which discount: what the bandit is to find out, as in `penstock generate`.
TAKES = {'new': [.10, .22, .45, .48], 'regular': [.08, .15, .22, .40],
         'loyal': [.30, .55, .56, .57], 'business': [.05, .08, .30, .33]}
PARTS = 30


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


def read(path):
    with open(path, encoding='utf-8') as lines:
        return [json.loads(line) for line in lines]


def write(path, rows):
    with open(path, 'w', encoding='utf-8') as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + '\n' for row in rows)


def convert(reviews, folder):
    rows = sorted(read(reviews), key=lambda row: (row['unixReviewTime'], row['reviewerID'], row['asin']))
    write(f'{folder}/feedback.jsonl', [
        {'feedback_id': f"{row['reviewerID']}-{row['asin']}", 'customer_id': row['reviewerID'], 'service_id': row['asin'],
         'at': iso(row['unixReviewTime']), 'text': row['reviewText'], 'score': int(row['overall'])} for row in rows])
    counts = {}
    for row in rows:
        counts[row['reviewerID']] = counts.get(row['reviewerID'], 0) + 1
    segment = lambda n: 'new' if n <= 5 else 'regular' if n < 8 else 'loyal' if n < 15 else 'business'
    write(f'{folder}/customers.jsonl', [
        {'customer_id': who, 'segment': segment(n), 'callback_url': f'http://crm/{who}'} for who, n in sorted(counts.items())])
    services = sorted({row['asin'] for row in rows})
    write(f'{folder}/discounts.jsonl', [
        {'service_id': service, 'percent': PERCENTS[zlib.crc32(f'{service}/{year}'.encode()) % 4], 'at': f'{year}-01-01T00:00:00Z'}
        for year in range(2004, 2015) for service in services])
    print(f'{len(rows)} reviews of {len(services)} instruments by {len(counts)} customers')


def send(url, source, body, tries=100):
    """Until it is taken: the node may be away."""
    request = urllib.request.Request(f'{url}/ingest/{source}', body.encode(), {'Content-Type': 'application/x-ndjson'})
    for attempt in range(tries):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise SystemExit(f'{source}: {error.code} {error.read().decode()[:500]}')
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f'{source}: the node does not answer')


def takes(offer):
    chance = TAKES[offer['segment'] or 'regular'][PERCENTS.index(offer['percent'])]
    return zlib.crc32(f"{offer['offer_id']}/{offer['percent']}".encode()) % 1000 < 1000 * chance


def margin(offer):
    return (100 - offer['percent']) / 100


def customers(url, port, notes):
    seen, lock, out, requests = {}, threading.Lock(), open(notes, 'w', encoding='utf-8', buffering=1), [0]

    def answer(offers):
        send(url, 'answers', ''.join(json.dumps(
            {'offer_id': offer['offer_id'], 'accepted': takes(offer), 'margin': margin(offer)}) + '\n' for offer in offers))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            offers = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
            with lock:
                requests[0] += 1
                busy = requests[0] % 7 == 3
                if not busy:
                    for offer in offers:
                        out.write(json.dumps(offer) + '\n')
                    # Every tenth customer says nothing to the first letter: the offer has to come again.
                    due = [offer for offer in offers
                           if offer['attempt'] > 1 or zlib.crc32(offer['offer_id'].encode()) % 10]
            self.send_response(503 if busy else 200)
            self.send_header('Content-Length', '0')
            self.end_headers()
            if not busy and due:
                threading.Thread(target=answer, args=(due,), daemon=True).start()

        def log_message(self, *args):
            pass

    http.server.ThreadingHTTPServer(('127.0.0.1', int(port)), Handler).serve_forever()


def view(url, name):
    for _ in range(100):
        try:
            with urllib.request.urlopen(f'{url}/v1/views/{name}', timeout=10) as answer:
                return json.load(answer)['rows']
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f'the node does not answer for the view {name}')


def post(folder, url, notes):
    for source in ('customers', 'discounts'):
        with open(f'{folder}/{source}.jsonl', encoding='utf-8') as lines:
            send(url, source, lines.read())
    with open(f'{folder}/feedback.jsonl', encoding='utf-8') as lines:
        feedback = lines.readlines()
    for part in range(PARTS):
        send(url, 'feedback', ''.join(feedback[len(feedback) * part // PARTS:len(feedback) * (part + 1) // PARTS]))
        print(part + 1, 'of', PARTS, 'parts are posted', flush=True)
        until = time.time() + 60
        while time.time() < until and (view(url, 'ledger') + [{'open': 1}])[0]['open'] != 0:
            time.sleep(0.1)
        time.sleep(0.3)
    until = time.time() + 120
    while time.time() < until and sum(row['waiting'] for row in view(url, 'deliveries')) > 0:
        time.sleep(0.2)


class Comparison:
    wrong = 0

    def __call__(self, what, node, recount, show=True):
        same = node == recount
        self.wrong += not same
        print(f"{'same  ' if same else 'DIFFER'}  {what}" + (f': {node}' if show else '') +
              ('' if same else f', and the recount says {recount}' if show else ''))


def check(folder, url, notes):
    feedback, compare = read(f'{folder}/feedback.jsonl'), Comparison()
    good = [row for row in feedback if row['text'] and 1 <= row['score'] <= 5]
    low, high = [row for row in good if row['score'] <= 3], [row for row in good if row['score'] >= 4]
    ledger = view(url, 'ledger')[0]
    compare('the ledger', ledger, {'received': len(feedback), 'offered': len(low), 'persisted': len(high),
                                   'rejected': len(feedback) - len(good), 'open': 0})
    persisted = [row['feedback_id'] for row in read(f'{folder}/persisted.jsonl')]
    compare(f'{len(persisted)} persisted records, each once', sorted(persisted),
            sorted(row['feedback_id'] for row in high), False)

    services = {}
    for row in high:
        services.setdefault(row['service_id'], []).append(row)
    with open(f'{folder}/satisfaction.csv', encoding='utf-8') as lines:
        summary = {row['service_id']: (int(row['feedback']), int(row['fives']), round(float(row['average']), 9),
                                       int(row['customers']), row['first'], row['last']) for row in csv.DictReader(lines)}
    compare(f'the summary of {len(summary)} services', summary, {
        service: (len(rows), sum(row['score'] == 5 for row in rows), round(sum(row['score'] for row in rows) / len(rows), 9),
                  len({row['customer_id'] for row in rows}), min(row['at'] for row in rows), max(row['at'] for row in rows))
        for service, rows in services.items()}, False)

    segments = {row['customer_id']: row['segment'] for row in read(f'{folder}/customers.jsonl')}
    table = {}
    for row in read(f'{folder}/discounts.jsonl'):
        table.setdefault(row['service_id'], []).append((row['at'], row['percent']))
    deliveries = read(notes)
    offers = {row['offer_id']: row for row in deliveries}
    describe = lambda row: (row['feedback_id'], row['customer_id'], row['service_id'], row['score'], row['segment'], row['at_most'])
    expected = []
    for row in low:
        versions = table[row['service_id']]
        at = bisect.bisect_right([when for when, _ in versions], row['at']) - 1
        expected.append((row['feedback_id'], row['customer_id'], row['service_id'], row['score'],
                         segments[row['customer_id']], versions[at][1]))
    compare(f'{len(offers)} offers with profile and discount as of the feedback', sorted(map(describe, offers.values())),
            sorted(expected), False)
    compare('offers over what the discounts table allows', sum(row['percent'] > row['at_most'] for row in offers.values()), 0)
    compare('deliveries of one offer with another discount',
            sum(row['percent'] != offers[row['offer_id']]['percent'] for row in deliveries), 0)

    of = lambda percent: [row for row in offers.values() if row['percent'] == percent]
    compare('offered, acknowledged, expired, waiting by discount',
            {row['percent']: (row['offered'], row['acknowledged'], row['expired'], row['waiting'])
             for row in sorted(view(url, 'deliveries'), key=lambda row: row['percent'])},
            {percent: (len(of(percent)), len(of(percent)), 0, 0) for percent in PERCENTS if of(percent)})
    compare('what the bandit has learnt: trials and reward by discount',
            {row['arm']: (row['trials'], round(row['reward'], 6)) for row in sorted(view(url, 'choice'), key=lambda row: int(row['arm']))},
            {str(percent): (len(of(percent)), round(sum(margin(row) * takes(row) for row in of(percent)), 6))
             for percent in PERCENTS if of(percent)})
    print(f'        {len(deliveries)} deliveries of {len(offers)} offers; earned an offer, on average:')
    worth = lambda row, i: TAKES[row['segment']][i] * (100 - PERCENTS[i]) / 100
    mean = lambda values: sum(values) / max(1, len(values))
    in_order = sorted(offers.values(), key=lambda row: row['at'])
    last = in_order[len(in_order) // 2:]
    print('        the second half of the offers: expected of the bandit %.3f, of the best allowed %.3f, of the largest allowed %.3f, '
          'of 5 %% always %.3f' % (
              mean([worth(row, PERCENTS.index(row['percent'])) for row in last]),
              mean([max(worth(row, i) for i in range(4) if PERCENTS[i] <= row['at_most']) for row in last]),
              mean([worth(row, PERCENTS.index(row['at_most'])) for row in last]), mean([worth(row, 0) for row in last])))
    return 1 if compare.wrong else 0


if __name__ == '__main__':
    verbs = {'convert': convert, 'customers': customers, 'post': post, 'check': check}
    if len(sys.argv) < 4 or sys.argv[1] not in verbs:
        raise SystemExit(__doc__)
    sys.exit(verbs[sys.argv[1]](*sys.argv[2:]))
