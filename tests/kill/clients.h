// Threads that post orders to a node that dies again and again, as careful clients do: each request has an Idempotency-Key
// or ids that are remembered, and is sent again, unchanged, until it is answered.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/kill/ledger.h"

namespace penstock::kill {

class Clients {
 public:
  Clients(size_t count, uint64_t seed, Ledger& ledger);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  /// Where the node listens now; 0: nowhere.
  void node_at(uint16_t port) { port_ = port; }
  /// No new orders; those under way are posted until they are acknowledged. Requires: a node listens.
  void finish();
  uint64_t requests() const { return requests_; }
  uint64_t repeats() const { return repeats_; }

 private:
  void work(uint64_t seed, size_t number);
  void post(const std::string& key, const std::vector<int64_t>& ids, bool packed);

  Ledger& ledger_;
  std::atomic<uint16_t> port_ = 0;
  std::atomic<bool> finishing_ = false, abandoned_ = false;
  std::atomic<uint64_t> requests_ = 0, repeats_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace penstock::kill
