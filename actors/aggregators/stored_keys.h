// The committed keys of an aggregator's table that belong to one of its workers: what a worker falls back on for keys that
// it does not hold in memory. Any thread; the store outlives it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "messages/key.h"
#include "storage/store.h"

namespace penstock {

class StoredKeys {
 public:
  StoredKeys(const Store& store, std::string table, uint32_t worker = 0, uint32_t workers = 1)
      : store_(&store), table_(std::move(table)), worker_(worker), workers_(workers) {}

  /// For tables whose keys hold more than what the exchange routes by: `part` gives what it routes by. Else all of the key.
  void route_by(std::string_view (*part)(std::string_view key)) { routed_ = part; }

  /// Whether the key is routed to this worker.
  bool owns(std::string_view key) const { return route_key(routed_ ? routed_(key) : key, workers_) == worker_; }
  /// The value as of the last commit; nothing if there is none. Errors: of the store.
  Result<std::optional<std::string>> get(std::string_view key) const { return store_->get(table_, key); }
  /// The worker's keys with that prefix in their order, until `visit` returns false. Errors: of the store.
  Status scan(const Store::Visit& visit, std::string_view prefix = "") const {
    return store_->scan(table_, prefix,
                        [&](std::string_view key, std::string_view value) { return !owns(key) || visit(key, value); });
  }
  /// The same, whichever worker they belong to.
  Status scan_of_all(const Store::Visit& visit, std::string_view prefix) const {
    return store_->scan(table_, prefix, visit);
  }
  /// The same worker's keys of another table.
  StoredKeys of(std::string table) const { return {*store_, std::move(table), worker_, workers_}; }
  const std::string& table() const { return table_; }
  uint32_t worker() const { return worker_; }
  uint32_t workers() const { return workers_; }

 private:
  const Store* store_;
  std::string table_;
  uint32_t worker_;
  uint32_t workers_;
  std::string_view (*routed_)(std::string_view) = nullptr;
};

}  // namespace penstock
