#include "storage/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "storage/limits.h"

namespace penstock {
namespace {

std::string lock_path(const std::string& folder) { return folder + "/penstock.lock"; }

int read_pid(int file) {
  char text[16] = {};
  return pread(file, text, sizeof text - 1, 0) > 0 ? std::atoi(text) : 0;
}

}  // namespace

Result<DirectoryLock> DirectoryLock::acquire(const std::string& folder) {
  const std::string path = lock_path(folder);
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0)
    return io_error("cannot open " + in_quotes(path) + " for writing", errno);
  DirectoryLock lock(file);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return io_error("cannot lock " + in_quotes(path), errno);
    const int pid = read_pid(file);
    return already_exists("store " + in_quotes(folder) + " is in use by " +
                          (pid == getpid() ? "this process"
                           : pid > 0       ? "process " + std::to_string(pid)
                                           : std::string("another process")) +
                          "; a store can be open only once");
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(file, 0) != 0 || pwrite(file, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return io_error("cannot write " + in_quotes(path), errno);
  return lock;
}

std::optional<int> DirectoryLock::holder(const std::string& folder) {
  const int file = open(lock_path(folder).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return std::nullopt;
  const DirectoryLock closes(file);
  if (flock(file, LOCK_SH | LOCK_NB) == 0)
    return std::nullopt;
  return read_pid(file);
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

DirectoryLock::~DirectoryLock() {
  if (file_ >= 0)
    close(file_);
}

}  // namespace penstock
