#include "actors/regions/entry_reader.h"

#include "messages/batch_codec.h"

namespace penstock {

Result<std::optional<EntryReader::Entry>> EntryReader::at(const std::string& log, Partition partition, Offset offset,
                                                          const SchemaPtr& schema) const {
  {
    const std::lock_guard lock(mutex_);
    if (held_ && held_->log == log && held_->partition == partition && held_->entry.first <= offset &&
        offset < held_->entry.end())
      return std::optional(held_->entry);
  }
  PENSTOCK_ASSIGN(const auto entries, store_.read(log, partition, offset, 1));
  if (entries.empty())
    return std::optional<Entry>();
  PENSTOCK_ASSIGN(BatchPtr batch, decode_batch(entries.front().bytes, schema));
  const std::lock_guard lock(mutex_);
  held_ = {log, partition, {entries.front().first, std::move(batch)}};
  return std::optional(held_->entry);
}

}  // namespace penstock
