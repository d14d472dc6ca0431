// A join as its tests run it: some workers, two inputs, epochs, restarts.
#pragma once

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "actors/aggregators/join.h"
#include "messages/key.h"
#include "storage/memory_store.h"
#include "tests/components/support.h"

namespace penstock::test::joins {

using topology::Input;
using topology::Role;

inline const SchemaPtr kOrders =
    test::schema({{"user", Type::kInt64}, {"amount", Type::kInt64}, {"at", Type::kTimestamp, true}});
inline const SchemaPtr kUsers =
    test::schema({{"user", Type::kInt64}, {"name", Type::kString}, {"gone", Type::kBool}, {"at", Type::kTimestamp}});
inline const std::vector<Input> kInputs = {{"orders", kOrders, false, {}}, {"users", kUsers, false, {}}};
inline constexpr int64_t kSecond = 1'000'000;

inline Made join(const std::string& yaml) { return {Role::kStage, "join", yaml, kInputs}; }
inline std::string wrong(const std::string& yaml) { return test::mistakes(Role::kStage, "join", yaml, kInputs); }

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The workers of a join as a region runs them, each input from one sender and one partition; every epoch is committed.
class Running {
 public:
  Running(Made made, uint32_t workers, uint64_t memory = 0) : made_(std::move(made)), memory_(memory) {
    start(workers);
  }

  void take(size_t side, const BatchPtr& batch) {
    const std::vector<size_t> key = {0};
    std::vector<Selection> rows(workers_.size());
    for (size_t i = 0; i < batch->rows(); ++i) {
      std::string bytes;
      append_key(*batch, key, batch->row(i), bytes);
      rows[route_key(bytes, static_cast<uint32_t>(workers_.size()))].push_back(static_cast<uint32_t>(batch->row(i)));
    }
    for (size_t w = 0; w < workers_.size(); ++w) {
      workers_[w]->on_progress(static_cast<uint32_t>(side), progress_[side]);
      StageOutput out;
      REQUIRE(workers_[w]->process_input(side, batch->select(rows[w]), out).ok());
      collect(out);
    }
    if (const auto time = batch->schema()->index_of("at"))
      for (size_t i = 0; i < batch->rows(); ++i)
        tell(side, batch->column(*time)->int64s()[batch->row(i)]);
  }
  /// What came since the last epoch's end, sorted.
  std::string end_epoch() {
    for (auto& worker : workers_) {
      for (uint32_t side : {0u, 1u})
        worker->on_progress(side, progress_[side]);
      StageOutput out;
      worker->committed(epochs_);
      REQUIRE(worker->end_epoch(out).ok());
      collect(out);
      WriteBatch write;
      write.append_delta("it", std::move(out.changes));
      REQUIRE(store_.commit_and_wait(std::move(write)).status.ok());
    }
    ++epochs_;
    std::vector<std::string> lines = lines_of(rows_);
    all_.insert(all_.end(), lines.begin(), lines.end());
    rows_.clear();
    std::string out;
    for (const std::string& line : lines)
      out += line + "\n";
    return out;
  }
  void restart(uint32_t workers) { start(workers); }
  void advance(int64_t seconds) { made_.clock->advance_micros(seconds * kSecond); }
  std::vector<std::string> all() {
    std::sort(all_.begin(), all_.end());
    return all_;
  }
  const std::string& sides() const { return sides_; }
  const std::string& rejected() const { return rejected_; }
  size_t keys() const {
    size_t out = 0;
    for (const auto& worker : workers_)
      out += worker->keys();
    return out;
  }
  size_t stored() {
    size_t out = 0;
    REQUIRE(store_
                .scan("it", "",
                      [&](std::string_view key, std::string_view) { return out += !Watermark::is_key(key), true; })
                .ok());
    return out;
  }

 private:
  void start(uint32_t workers) {
    workers_.clear();
    epochs_ = 0;
    for (EventProgressPtr& progress : progress_)
      progress = std::make_shared<const EventProgress>();
    for (uint32_t w = 0; w < workers; ++w) {
      workers_.push_back(made_.aggregator());
      workers_.back()->set_senders({0, 1});
      MemoryShare share;
      share.limit = memory_;
      REQUIRE(workers_.back()->open(StoredKeys(store_, "it", w, workers), std::move(share)).ok());
    }
  }
  void tell(size_t side, int64_t time) {
    auto next = std::make_shared<EventProgress>(*progress_[side]);
    if (next->parts.empty())
      next->parts.push_back({static_cast<uint32_t>(side), 0, {time}});
    next->parts[0].latest = std::max(next->parts[0].latest, Timestamp{time});
    progress_[side] = next;
  }
  void collect(const StageOutput& out) {
    rows_ += test::text(out);
    rejected_ += test::reasons(out);
    for (const auto& [name, batch] : out.sides)
      for (const std::string& line : lines_of(batch->to_string()))
        sides_ += name + ": " + line + "\n";
  }

  Made made_;
  uint64_t memory_;
  MemoryStore store_{{.synchronous = true}};
  std::vector<std::unique_ptr<Aggregator>> workers_;
  EventProgressPtr progress_[2];
  uint64_t epochs_ = 0;
  std::string rows_, sides_, rejected_;
  std::vector<std::string> all_;
};

// `user amount second`, ... : orders; null user: -1.
inline BatchPtr orders(std::vector<std::array<int64_t, 3>> rows) {
  BatchBuilder builder(kOrders);
  for (const auto& [user, amount, second] : rows) {
    user < 0 ? builder.column(0).append_null() : builder.column(0).append_int64(user);
    builder.column(1).append_int64(amount);
    builder.column(2).append_int64(second * kSecond);
  }
  return builder.finish();
}

struct User {
  int64_t user;
  std::string name;
  int64_t second = 0;
  bool gone = false;
};
inline BatchPtr users(const std::vector<User>& rows) {
  BatchBuilder builder(kUsers);
  for (const User& row : rows) {
    row.user < 0 ? builder.column(0).append_null() : builder.column(0).append_int64(row.user);
    builder.column(1).append_string(row.name);
    builder.column(2).append_bool(row.gone);
    builder.column(3).append_int64(row.second * kSecond);
  }
  return builder.finish();
}

inline const std::string kSelect = "\nselect: {user: user, amount: amount, name: name}";

}  // namespace penstock::test::joins
