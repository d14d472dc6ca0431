#include "tests/kill/clients.h"

#include <chrono>
#include <string>

#include "core/random.h"
#include "tests/kill/order.h"
#include "tests/support/compress.h"
#include "tests/support/http.h"

namespace penstock::kill {
namespace {

using namespace std::chrono_literals;

/// The number behind `"name":`; -1 if there is none.
int64_t number_in(const std::string& json, const std::string& name) {
  const size_t at = json.find("\"" + name + "\":");
  return at == std::string::npos ? -1 : std::atoll(json.c_str() + at + name.size() + 3);
}

}  // namespace

Clients::Clients(size_t count, uint64_t seed, Ledger& ledger) : ledger_(ledger) {
  for (size_t i = 0; i < count; ++i)
    threads_.emplace_back([this, seed, i] { work(seed, i); });
}

Clients::~Clients() {
  abandoned_ = true;
  finish();
}

void Clients::finish() {
  finishing_ = true;
  for (std::thread& thread : threads_)
    thread.join();
  threads_.clear();
}

void Clients::work(uint64_t seed, size_t number) {
  Random random(seed * 1000 + number);
  std::vector<int64_t> before;
  for (uint64_t sequence = 0; !finishing_; ++sequence) {
    if (port_ == 0) {
      std::this_thread::sleep_for(2ms);
      continue;
    }
    std::vector<int64_t> ids = ledger_.issue(1 + random.below(random.below(8) == 0 ? 200 : 12));
    // Now and then some orders of the request before once more, under another key: they must count once.
    if (random.below(5) == 0)
      ids.insert(ids.end(), before.begin(), before.begin() + static_cast<ptrdiff_t>(random.below(before.size() + 1)));
    const bool keyed = random.below(4) != 0;  // without a key it is the ids alone that make a repeated request harmless
    post(keyed ? "c" + std::to_string(number) + "-" + std::to_string(sequence) : "", ids, random.below(4) == 0);
    before = ids;
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(4000)));
  }
}

void Clients::post(const std::string& key, const std::vector<int64_t>& ids, bool packed) {
  std::string body = "[";
  for (const int64_t id : ids)
    body += (body.size() > 1 ? "," : "") + Order(id).json();
  body += "]";
  std::vector<std::string> headers;
  if (!key.empty())
    headers.push_back("Idempotency-Key: " + key);
  if (packed) {
    body = test::gzip(body);
    headers.emplace_back("Content-Encoding: gzip");
  }
  for (int tries = 0; !abandoned_; ++tries) {
    const uint16_t port = port_;
    if (port == 0) {
      std::this_thread::sleep_for(2ms);
      continue;
    }
    ++requests_;
    repeats_ += tries > 0 ? 1 : 0;
    const test::Answer answer = test::http(port, "POST", "/ingest/orders", body, 30s, headers);
    if (answer.code == 200 || answer.code == 201) {
      ledger_.acknowledge(ids);
      const int64_t known = number_in(answer.body, "accepted") + number_in(answer.body, "duplicates");
      if (known != static_cast<int64_t>(ids.size()) || number_in(answer.body, "rejected") != 0)
        ledger_.complain(std::to_string(ids.size()) + " orders were answered with " + answer.body);
      return;
    }
    if (answer.code != 0 && answer.code != 429 && answer.code != 503) {
      ledger_.complain(std::to_string(answer.code) + " " + answer.body);
      return;
    }
    std::this_thread::sleep_for(5ms);
  }
}

}  // namespace penstock::kill
