// Reads records of logs at single offsets: holds the last entry it has decoded, so that neighbours cost nothing more. Thread
// safe.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "core/ids.h"
#include "core/status.h"
#include "messages/record_batch.h"
#include "storage/store.h"

namespace penstock {

class EntryReader {
 public:
  explicit EntryReader(const Store& store) : store_(store) {}

  struct Entry {
    Offset first;
    BatchPtr batch;
    Offset end() const { return first.next(batch->rows()); }
  };
  /// The entry that covers the offset, or the first one behind it; nothing if there is none. Errors: not_found, data_loss.
  Result<std::optional<Entry>> at(const std::string& log, Partition partition, Offset offset,
                                  const SchemaPtr& schema) const;

 private:
  struct Held {
    std::string log;
    Partition partition;
    Entry entry;
  };
  const Store& store_;
  mutable std::mutex mutex_;
  mutable std::optional<Held> held_;
};

}  // namespace penstock
