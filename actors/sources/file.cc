#include "actors/sources/file.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace penstock {
namespace {

constexpr size_t kProbedBytes = 4096;

bool is_pattern(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

std::vector<std::string> matches(const std::string& path) {
  if (!is_pattern(path))
    return {path};
  glob_t found{};
  std::vector<std::string> out;
  if (::glob(path.c_str(), 0, nullptr, &found) == 0)
    out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return out;
}

}  // namespace

std::string FileSource::name_of(const std::string& path) const {
  const std::string folder = options_.folder + "/";
  return path.starts_with(folder) ? path.substr(folder.size()) : path;
}

Status FileSource::open(std::string_view position) {
  close_current();
  files_.clear();
  if (!position.empty()) {
    PENSTOCK_ASSIGN(files_, decode_positions(position));
  }
  PENSTOCK_TRY(look_for_files());
  if (files_.empty() && !options_.follow)
    return not_found("no file matches " + options_.path);
  return ok();
}

// Adds files that are new, and notices those that have grown.
Status FileSource::look_for_files() {
  for (const std::string& path : matches(options_.path)) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      if (errno == ENOENT && (options_.follow || is_pattern(options_.path)))
        continue;
      return io_error("cannot read " + name_of(path), errno);
    }
    if (S_ISDIR(status.st_mode)) {
      if (is_pattern(options_.path))
        continue;
      return invalid_argument(name_of(path) + " is a folder, not a file; name a file, or " + name_of(path) + "/*");
    }
    const auto inode = static_cast<uint64_t>(status.st_ino), size = static_cast<uint64_t>(status.st_size);
    const auto [place, is_new] = files_.try_emplace(path);
    FilePosition& file = place->second;
    if (is_new)
      file.inode = inode;
    const bool replaced = file.inode != inode && (file.size != size || !file.done);
    if (!is_new && file.size != 0 && (replaced || size < file.size))
      return failed_precondition(name_of(path) + " was " + (replaced ? "replaced" : "cut") +
                                 " since it was read (it had " + std::to_string(file.size) + " bytes, and has " +
                                 std::to_string(size) + " now); put it back, or give the new data another name");
    file.inode = inode;
    file.done = file.done && size == file.size;
    file.size = size;
  }
  return ok();
}

Result<bool> FileSource::refuse_binary(const std::string& path, FilePosition& file, SourceRead& out) const {
  if (file.offset > 0)
    return false;
  PENSTOCK_ASSIGN(const std::unique_ptr<InputFile> input, InputFile::open(path));
  std::array<char, kProbedBytes> bytes;
  PENSTOCK_ASSIGN(const size_t size, input->read(bytes.data(), bytes.size()));
  const std::string_view begin(bytes.data(), size);
  const size_t zero = begin.find('\0');
  if (zero == std::string_view::npos)
    return false;
  file.done = true;
  out.rejected.push_back(
      {name_of(path) + ": this is no text (byte " + std::to_string(zero + 1) + " is 0); the whole file is passed over",
       std::nullopt, std::nullopt, std::string(begin.substr(0, 256))});
  return true;
}

Result<bool> FileSource::open_next(SourceRead& out) {
  for (auto& [path, file] : files_) {
    if (file.done)
      continue;
    PENSTOCK_ASSIGN(const bool binary, refuse_binary(path, file, out));
    if (binary)
      continue;
    auto reader = FileReader::open(path, name_of(path), options_.reader, file);
    if (!reader.ok())
      return reader.status();
    reader_ = std::move(reader).value();
    current_ = path;
    return true;
  }
  return false;
}

void FileSource::close_current() {
  reader_.reset();
  current_.clear();
}

Status FileSource::take(FileReader::Piece piece, SourceRead& out) {
  const FilePosition& file = files_.at(current_);
  const std::vector<DecodeError>& errors = piece.decoded.errors;
  if (!errors.empty() && options_.stop_on_error)
    return invalid_argument(errors.front().to_string() + "; the source stops, as on_error says");
  if (errors.size() >= kProbedRecords && file.record == errors.size())
    return invalid_argument("not one of the first " + std::to_string(errors.size()) + " records of " +
                            name_of(current_) + " can be decoded; check format, schema and delimiter (" +
                            errors.front().to_string() + ")");
  for (const DecodeError& error : errors)
    out.rejected.push_back({error.to_string(), std::nullopt, std::nullopt, error.record});
  if (piece.decoded.batch && piece.decoded.batch->rows() > 0)
    out.batch = std::move(piece.decoded.batch);
  out.bytes += piece.bytes;
  return ok();
}

Result<SourceRead> FileSource::read(uint64_t max_bytes) {
  SourceRead out;
  bool looked = false, moved = false;
  while (!out.batch && out.rejected.empty()) {
    if (!reader_) {
      PENSTOCK_ASSIGN(const bool found, open_next(out));
      if (!found && (looked || !options_.follow))
        break;
      if (!found) {
        looked = true;
        PENSTOCK_TRY(look_for_files());
      }
      continue;
    }
    const bool packed = reader_->file().compression() != Compression::kNone;
    PENSTOCK_ASSIGN(FileReader::Piece piece, reader_->next(max_bytes, !options_.follow || packed));
    const bool at_end = piece.at_end;
    moved = true;
    PENSTOCK_TRY(take(std::move(piece), out));
    if (!at_end)
      continue;
    FilePosition& file = files_.at(current_);
    file.done = true;
    // Of a plain file what was read, so that what is added from now on is noticed.
    file.size = packed ? reader_->file().compressed_size() : reader_->file().position();
    close_current();
  }
  const bool all_done = std::all_of(files_.begin(), files_.end(), [](const auto& file) { return file.second.done; });
  out.finished = !options_.follow && all_done;
  if (moved || !out.rejected.empty())
    out.position = encode_positions(files_);
  return out;
}

SourceProgress FileSource::progress() const {
  SourceProgress out{0, 0, "bytes"};
  for (const auto& [path, file] : files_) {
    out.total += file.size;
    if (file.done)
      out.done += file.size;
    else if (reader_ && path == current_)
      out.done += std::min(file.size, reader_->file().compressed_position());
  }
  if (options_.follow)
    out.total = 0;
  return out;
}

}  // namespace penstock
