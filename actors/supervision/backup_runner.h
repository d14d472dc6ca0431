// Backups of a running node's store, one at a time, each on a thread of its own, below one folder. Any thread.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "actors/servers/backup_status.h"
#include "core/clock.h"
#include "core/status.h"
#include "monitoring/event.h"
#include "storage/store.h"

namespace penstock {

class BackupRunner {
 public:
  struct Options {
    std::string folder;  // empty: no backups
    std::string topology, version;
  };
  /// All references outlive it.
  BackupRunner(const Store& store, const Clock& clock, monitoring::Monitor& monitor, Options options);
  /// Ends a backup that is under way; nothing is left of it.
  ~BackupRunner();

  /// Begins a backup `folder`/`name`; without a name it is called after the topology and the time. Gives its path.
  /// Errors: invalid_argument (a name that is no plain file name), already_exists (it, or a backup is under way),
  /// failed_precondition (no folder is set).
  Result<std::string> begin(const std::string& name);
  /// Tells monitoring of the newest one of this topology in the folder. Called when the node starts.
  void tell_newest() const;
  /// Of the newest backup since the node started.
  std::optional<BackupStatus> status() const;

 private:
  void run(const std::string& path, Timestamp started);
  std::string default_name(Timestamp now) const;

  const Store& store_;
  const Clock& clock_;
  monitoring::Monitor& monitor_;
  const Options options_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;  // of the rest
  std::optional<BackupStatus> status_;
  int64_t began_nanos_ = 0;
  std::thread thread_;
};

}  // namespace penstock
