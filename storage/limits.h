// What a WriteBatch may hold, the same for every store, and the check of it before anything is changed. Pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/status.h"
#include "storage/store.h"

namespace penstock {

inline constexpr size_t kMaxNameBytes = 255;             // of a log, a table
inline constexpr size_t kMaxOwnerBytes = 16 * 1024;      // of a position's owner or source, which may be a path
inline constexpr size_t kMaxKeyBytes = 64 * 1024;        // of a table's key
inline constexpr size_t kMaxValueBytes = 1024ull << 20;  // of a value, a log entry or a whole delta
inline constexpr uint32_t kMaxPartitions = 65536;        // of a log

/// Errors: invalid_argument, naming the log and the limit.
Status validate_log(const std::string& log, const LogOptions& options);

/// `partitions_of` gives a log's partitions, or nothing if there is no such log. Requires: nothing.
/// Errors: not_found (log), invalid_argument (partition, name, size; an append of no records).
Status validate(const WriteBatch& batch,
                const std::function<std::optional<uint32_t>(const std::string&)>& partitions_of);

/// Which entries a partition keeps: true if the oldest one goes. `bytes` and `entries` are the partition's, with it.
bool drops_oldest(const Retention& retention, Timestamp now, Timestamp oldest_appended, uint64_t bytes,
                  uint64_t entries);

/// `"orders"`, shortened in the middle if it is long, with bytes that are not printable as \xNN. For messages.
std::string in_quotes(std::string_view name);

}  // namespace penstock
