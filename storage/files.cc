#include "storage/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "storage/descriptor.h"
#include "storage/limits.h"

namespace penstock {
namespace {

constexpr size_t kChunk = 1 << 20;

Result<Descriptor> create(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0 && errno == EEXIST)
    return already_exists("cannot create " + in_quotes(path) + ": there is such a file");
  if (file < 0)
    return io_error("cannot create " + in_quotes(path), errno);
  return Descriptor(file);
}

}  // namespace

Status sync_folder(const std::string& path) {
  const Descriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || fsync(folder.get()) != 0)
    return io_error("cannot sync the folder " + in_quotes(path), errno);
  return ok();
}

Status write_file(const std::string& path, std::string_view content) {
  PENSTOCK_ASSIGN(const Descriptor file, create(path));
  PENSTOCK_TRY(write_all(file.get(), content, "cannot write " + in_quotes(path)));
  return fsync(file.get()) == 0 ? ok() : io_error("cannot write " + in_quotes(path), errno);
}

Result<std::string> read_file(const std::string& path, uint64_t most) {
  std::string content;
  PENSTOCK_TRY(for_each_chunk(path, [&](std::string_view chunk) {
    content += chunk;
    return content.size() <= most ? ok() : invalid_argument(in_quotes(path) + " is too long");
  }));
  return content;
}

Status for_each_chunk(const std::string& path, const std::function<Status(std::string_view)>& visit) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0)
    return io_error("cannot read " + in_quotes(path), errno);
  const auto buffer = std::make_unique<char[]>(kChunk);
  while (true) {
    const ssize_t got = read(file.get(), buffer.get(), kChunk);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return io_error("cannot read " + in_quotes(path), errno);
    if (got == 0)
      return ok();
    PENSTOCK_TRY(visit({buffer.get(), static_cast<size_t>(got)}));
  }
}

Status copy_file(const std::string& from, const std::string& to) {
  PENSTOCK_ASSIGN(const Descriptor file, create(to));
  const std::string doing = "cannot write " + in_quotes(to);
  PENSTOCK_TRY(for_each_chunk(from, [&](std::string_view chunk) { return write_all(file.get(), chunk, doing); }));
  return fsync(file.get()) == 0 ? ok() : io_error(doing, errno);
}

}  // namespace penstock
