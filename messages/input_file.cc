#include "messages/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

namespace penstock {
namespace {

constexpr size_t kBlock = 256 * 1024;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr std::string_view kZstdSkippable = "\x2a\x4d\x18";  // behind a byte 0x50 to 0x5f

// The bytes of the file itself.
class RawFile {
 public:
  RawFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile() { ::close(fd_); }

  Result<size_t> read(char* buffer, size_t size) {
    for (;;) {
      const ssize_t got = ::read(fd_, buffer, size);
      if (got >= 0) {
        position_ += static_cast<uint64_t>(got);
        return static_cast<size_t>(got);
      }
      if (errno != EINTR)
        return io_error("cannot read " + path_, errno);
    }
  }
  bool seek(uint64_t offset) {
    if (::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) < 0)
      return false;
    position_ = offset;
    return true;
  }
  uint64_t size() const {
    struct stat info {};
    return ::fstat(fd_, &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
  }
  uint64_t position() const { return position_; }
  const std::string& path() const { return path_; }

 private:
  int fd_;
  std::string path_;
  uint64_t position_ = 0;
};

class PlainFile final : public InputFile {
 public:
  explicit PlainFile(std::unique_ptr<RawFile> file) : file_(std::move(file)) {}

  Result<size_t> read(char* buffer, size_t size) override { return file_->read(buffer, size); }
  Status skip_to(uint64_t offset) override {
    if (file_->size() < offset)
      return data_loss(file_->path() + " has " + std::to_string(file_->size()) +
                       " bytes now, but was read up to byte " + std::to_string(offset) + " before");
    return file_->seek(offset) ? ok() : io_error("cannot seek in " + file_->path(), errno);
  }
  uint64_t position() const override { return file_->position(); }
  uint64_t compressed_position() const override { return file_->position(); }
  uint64_t compressed_size() const override { return file_->size(); }
  Compression compression() const override { return Compression::kNone; }

 private:
  std::unique_ptr<RawFile> file_;
};

// Blocks of the file go into a decompressor, bytes of the stream come out.
class CompressedFile final : public InputFile {
 public:
  CompressedFile(std::unique_ptr<RawFile> file, Compression compression)
      : file_(std::move(file)),
        compression_(compression),
        decompressor_(Decompressor::make(compression)),
        block_(kBlock) {}

  Result<size_t> read(char* buffer, size_t size) override {
    while (size > 0) {
      if (input_.empty()) {
        PENSTOCK_ASSIGN(const size_t got, file_->read(block_.data(), block_.size()));
        input_ = {block_.data(), got};
      }
      const bool ended = input_.empty();
      if (ended && decompressor_->complete())
        return size_t{0};
      size_t written = 0;
      if (const Status status = decompressor_->step(input_, buffer, size, written); !status.ok())
        return broken(status.message());
      position_ += written;
      if (written > 0)
        return written;
      if (ended)
        return broken("cut off");
    }
    return size_t{0};
  }

  Status skip_to(uint64_t offset) override {
    std::vector<char> buffer(kBlock);
    while (position_ < offset) {
      PENSTOCK_ASSIGN(const size_t got, read(buffer.data(), std::min<uint64_t>(buffer.size(), offset - position_)));
      if (got == 0)
        return data_loss(file_->path() + " has " + std::to_string(position_) +
                         " bytes (decompressed) now, but was read up to byte " + std::to_string(offset) + " before");
    }
    return ok();
  }

  uint64_t position() const override { return position_; }
  uint64_t compressed_position() const override { return file_->position() - input_.size(); }
  uint64_t compressed_size() const override { return file_->size(); }
  Compression compression() const override { return compression_; }

 private:
  Status broken(std::string_view what) const {
    return data_loss(file_->path() + ": compressed data are " + std::string(what) + " at byte " +
                     std::to_string(compressed_position()) + " of " + std::to_string(compressed_size()) + " (byte " +
                     std::to_string(position_) + " decompressed)");
  }

  std::unique_ptr<RawFile> file_;
  const Compression compression_;
  const std::unique_ptr<Decompressor> decompressor_;
  std::vector<char> block_;
  std::string_view input_;
  uint64_t position_ = 0;
};

}  // namespace

Result<std::unique_ptr<InputFile>> InputFile::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return io_error("cannot open " + path, errno);
  auto file = std::make_unique<RawFile>(fd, path);
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode))
    return invalid_argument("cannot read " + path + ": it is a directory");
  std::array<char, 4> first{};
  const ssize_t got = ::pread(fd, first.data(), first.size(), 0);  // a pipe cannot be looked into: it is taken as plain
  const std::string_view magic(first.data(), static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (magic.starts_with(kGzipMagic))
    return std::unique_ptr<InputFile>(std::make_unique<CompressedFile>(std::move(file), Compression::kGzip));
  if (magic == kZstdMagic || (magic.size() == 4 && (magic[0] & 0xf0) == 0x50 && magic.substr(1) == kZstdSkippable))
    return std::unique_ptr<InputFile>(std::make_unique<CompressedFile>(std::move(file), Compression::kZstd));
  return std::unique_ptr<InputFile>(std::make_unique<PlainFile>(std::move(file)));
}

}  // namespace penstock
