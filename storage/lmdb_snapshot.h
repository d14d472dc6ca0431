// A store's folder, or a backup, for reading only: what was committed when it was opened, and nothing after. Changes
// nothing in the folder. May be opened beside a node of another process, whose file then grows by what it commits
// meanwhile. Thread safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/store.h"

namespace penstock {

class LmdbSnapshot final : public Store {
 public:
  /// Errors: not_found (no store there), failed_precondition (format, access), data_loss, already_exists (open in this very
  /// process).
  static Result<std::unique_ptr<LmdbSnapshot>> open(const std::string& folder);
  ~LmdbSnapshot() override;

  std::vector<std::string> tables() const;
  std::vector<std::string> logs() const override;
  Result<uint32_t> partitions(const std::string& log) const override;
  Result<std::vector<LogEntry>> read(const std::string& log, Partition partition, Offset from,
                                     uint64_t max_bytes) const override;
  Result<LogRange> range(const std::string& log, Partition partition) const override;
  Result<std::optional<std::string>> get(const std::string& table, std::string_view key) const override;
  Status scan(const std::string& table, std::string_view prefix, const Visit& visit) const override;
  Result<std::optional<Offset>> position(const std::string& owner, const std::string& source,
                                         Partition partition) const override;
  StoreStats stats() const override;
  Result<uint64_t> copy_to(const std::string& file, const CopyProgress& progress) const override;

  // Errors: failed_precondition, always.
  Status open_log(const std::string& log, const LogOptions& options) override;
  void commit(WriteBatch batch, CommitDone done) override;
  Result<uint64_t> retain(Timestamp now) override;
  Status health() const override;
  Subscription subscribe(const std::string&, std::function<void()>) override { return nullptr; }

 private:
  struct Content;
  explicit LmdbSnapshot(std::unique_ptr<Content> content);
  std::unique_ptr<Content> content_;
};

}  // namespace penstock
