// A thread that puts orders into a topic for as long as it lives: most in transactions, of which one in four is taken back, some
// without. Goes on when the broker has gone and come back.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "core/random.h"
#include "tests/support/kafka_client.h"

namespace penstock::test {

class OrderFeed {
 public:
  /// About `rate` orders a second.
  OrderFeed(std::string broker, std::string topic, int64_t rate, uint64_t seed);
  ~OrderFeed();
  /// Returns when the last transaction has ended.
  void finish();

  int64_t issued() const { return issued_; }
  int64_t taken_back() const { return taken_back_; }  // of these; others may have gone with a broker
  /// Transactions that were begun anew because the broker was away.
  int64_t broken() const { return broken_; }

 private:
  void work();
  void put(TopicWriter& writer, int64_t count);

  const std::string broker_, topic_;
  const int64_t rate_;
  Random random_;
  std::atomic<bool> finishing_ = false;
  std::atomic<int64_t> issued_ = 0, taken_back_ = 0, broken_ = 0;
  std::thread thread_;
};

}  // namespace penstock::test
