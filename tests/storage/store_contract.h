// The stores that the contract suite runs over, and the short strings that it compares.
#pragma once

#include <memory>
#include <string>

#include "storage/lmdb_store.h"
#include "storage/memory_store.h"
#include "tests/storage/temp_folder.h"

namespace penstock {

struct MemoryTwin {
  std::unique_ptr<Store> store = std::make_unique<MemoryStore>();
};

struct SynchronousMemoryTwin {
  std::unique_ptr<Store> store = std::make_unique<MemoryStore>(MemoryStoreOptions{.synchronous = true});
};

inline std::unique_ptr<Store> open_lmdb(const std::string& path, uint64_t changelog_bytes = 16u << 20) {
  auto store = LmdbStore::open({.path = path, .durability = Durability::kRelaxed, .changelog_bytes = changelog_bytes});
  if (!store.ok())
    throw std::runtime_error(store.status().to_string());
  return std::move(store).value();
}

/// Deltas stay in the changelog.
struct LmdbTwin {
  TempFolder folder;
  std::unique_ptr<Store> store = open_lmdb(folder.path());
};

/// Every delta is taken over into its table as soon as possible.
struct CheckpointingLmdbTwin {
  TempFolder folder;
  std::unique_ptr<Store> store = open_lmdb(folder.path(), 0);
};

#define EVERY_STORE MemoryTwin, SynchronousMemoryTwin, LmdbTwin, CheckpointingLmdbTwin

inline Status commit(Store& store, WriteBatch batch) { return store.commit_and_wait(std::move(batch)).status; }

/// `0+2:ab 2+1:c`: first offset, records, bytes.
inline std::string entries_text(const Result<std::vector<LogEntry>>& entries) {
  if (!entries.ok())
    return entries.status().to_string();
  std::string text;
  for (const LogEntry& entry : *entries)
    text += (text.empty() ? "" : " ") + std::to_string(entry.first.value()) + "+" + std::to_string(entry.records) +
            ":" + entry.bytes;
  return text;
}

inline std::string read_text(const Store& store, const std::string& log, uint32_t partition = 0, uint64_t from = 0,
                             uint64_t max_bytes = 1 << 20) {
  return entries_text(store.read(log, Partition(partition), Offset(from), max_bytes));
}

/// `a=1 b=2`, in the order of the scan.
inline std::string scan_text(const Store& store, const std::string& table, std::string_view prefix = "") {
  std::string text;
  const Status status = store.scan(table, prefix, [&](std::string_view key, std::string_view value) {
    text.append(text.empty() ? "" : " ").append(key).append("=").append(value);
    return true;
  });
  return status.ok() ? text : status.to_string();
}

inline std::string get_text(const Store& store, const std::string& table, std::string_view key) {
  const auto value = store.get(table, key);
  return !value.ok() ? value.status().to_string() : value->has_value() ? **value : "(none)";
}

inline std::string range_text(const Store& store, const std::string& log, uint32_t partition = 0) {
  const auto range = store.range(log, Partition(partition));
  if (!range.ok())
    return range.status().to_string();
  return std::to_string(range->first.value()) + ".." + std::to_string(range->next.value()) + " " +
         std::to_string(range->bytes) + "B";
}

}  // namespace penstock
