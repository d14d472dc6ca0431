#include "storage/lmdb_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <thread>

#include "core/fault_points.h"
#include "storage/descriptor.h"
#include "storage/limits.h"

namespace penstock {
namespace {

constexpr size_t kChunk = 1 << 20;

// From the pipe into the file, until the pipe ends.
Result<uint64_t> drain(int pipe, int file, const std::string& doing, const Store::CopyProgress& progress) {
  const auto buffer = std::make_unique<char[]>(kChunk);
  uint64_t total = 0;
  while (true) {
    const ssize_t got = read(pipe, buffer.get(), kChunk);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return io_error(doing, errno);
    if (got == 0)
      return total;
    PENSTOCK_TRY(hit(FaultPoint::kBackup));
    PENSTOCK_TRY(write_all(file, {buffer.get(), static_cast<size_t>(got)}, doing));
    total += static_cast<uint64_t>(got);
    if (progress)
      PENSTOCK_TRY(progress(total));
  }
}

Result<uint64_t> copy_through_pipe(const LmdbEnv& env, int file, const std::string& doing,
                                   const Store::CopyProgress& progress) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return io_error(doing, errno);
  Descriptor from(ends[0]), to(ends[1]);
  int code = 0;
  std::thread copier([&] {
    code = mdb_env_copyfd2(env.get(), to.get(), MDB_CP_COMPACT);
    to.close();
  });
  Result<uint64_t> copied = drain(from.get(), file, doing, progress);
  from.close();  // ends the copier if we stopped early
  copier.join();
  PENSTOCK_TRY(copied.status());
  if (code != 0)
    return lmdb_error(doing, code);
  if (fdatasync(file) != 0)
    return io_error(doing, errno);
  return copied;
}

}  // namespace

Result<uint64_t> copy_env(const LmdbEnv& env, const std::string& file, const Store::CopyProgress& progress) {
  const std::string doing = "cannot copy the store to " + in_quotes(file);
  const Descriptor target(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (target.get() < 0)
    return errno == EEXIST ? already_exists(doing + ": the file exists") : io_error(doing, errno);
  Result<uint64_t> copied = copy_through_pipe(env, target.get(), doing, progress);
  if (!copied.ok())
    unlink(file.c_str());
  return copied;
}

}  // namespace penstock
