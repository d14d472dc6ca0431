#include "tests/kafka/order_feed.h"

#include <chrono>
#include <optional>
#include <stdexcept>

#include "tests/kafka/orders.h"

namespace penstock::test {

OrderFeed::OrderFeed(std::string broker, std::string topic, int64_t rate, uint64_t seed)
    : broker_(std::move(broker)), topic_(std::move(topic)), rate_(rate), random_(seed), thread_([this] { work(); }) {}

OrderFeed::~OrderFeed() { finish(); }

void OrderFeed::finish() {
  finishing_ = true;
  if (thread_.joinable())
    thread_.join();
}

void OrderFeed::work() {
  std::optional<TopicWriter> in_transactions, plain;
  const auto begun = std::chrono::steady_clock::now();
  while (!finishing_) {
    try {
      if (!in_transactions)
        in_transactions.emplace(broker_, "feed of " + topic_);
      if (!plain)
        plain.emplace(broker_);
      put(random_.below(4) == 0 ? *plain : *in_transactions, 1 + static_cast<int64_t>(random_.below(60)));
    } catch (const std::runtime_error&) {
      ++broken_;  // ids are not used again, so it does not matter whether these got there
      in_transactions.reset();
      plain.reset();
    }
    std::this_thread::sleep_until(begun + std::chrono::milliseconds(issued_ * 1000 / rate_));
  }
}

void OrderFeed::put(TopicWriter& writer, int64_t count) {
  const bool taken_back = writer.transactional() && random_.below(4) == 0;
  if (writer.transactional())
    writer.begin();
  for (int64_t i = 0; i < count; ++i)
    writer.put(topic_, order_record(issued_++));
  writer.flush();
  if (!writer.transactional())
    return;
  if (taken_back) {
    writer.abort();
    taken_back_ += count;
  } else {
    writer.commit();
  }
}

}  // namespace penstock::test
