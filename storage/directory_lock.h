// Keeps a second process, or a second opening in this one, out of a store's folder: an flock on `penstock.lock`, which
// holds the owner's process id. The kernel frees it when the process ends, however it ends.
#pragma once

#include <optional>
#include <string>

#include "core/status.h"

namespace penstock {

class DirectoryLock {
 public:
  /// Errors: already_exists (in use; names the process), failed_precondition (not writable), unavailable.
  static Result<DirectoryLock> acquire(const std::string& folder);
  /// The process that holds the folder (0 if it cannot be told), or nothing if nobody does.
  static std::optional<int> holder(const std::string& folder);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int file) : file_(file) {}

  int file_;
};

}  // namespace penstock
