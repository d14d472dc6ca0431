#include "actors/sinks/result_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "messages/compress.h"
#include "messages/csv_writer.h"
#include "messages/json_writer.h"
#include "messages/timestamp.h"
#include "storage/files.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostOfAFile = 1 << 20;  // rows that wait, in bytes
constexpr uint64_t kMostOfAll = 64 << 20;
constexpr const char* kTemporary = ".penstock-tmp";
constexpr const char* kDate = "date=";

Status make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directory(path, error);
  return error ? io_error("cannot make the folder " + path, error.value()) : ok();
}

// Of that column in physical row `row`: 2026-11-21.
std::string date_of(const Column& column, size_t row) {
  constexpr size_t kLength = 10;
  return column.is_null(row) ? "unknown" : format_timestamp({column.int64s()[row]}).substr(0, kLength);
}

Status write_all(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return io_error("cannot write " + path, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return ok();
}

Status sync_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0)
    ::close(file);
  return synced ? ok() : io_error("cannot sync " + path, error);
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

ResultWriter::~ResultWriter() {
  if (finished_)
    return;
  std::error_code ignored;
  for (const auto& [date, file] : files_) {
    fs::remove(file.path + kTemporary, ignored);
    if (!file.folder.empty())
      fs::remove(file.folder, ignored);  // only if it is empty
  }
}

std::string ResultWriter::name_of_part() const {
  std::array<char, 32> number{};
  if (format_.part)
    std::snprintf(number.data(), number.size(), "-%08llu", static_cast<unsigned long long>(*format_.part));
  return std::string("part") + number.data() + (format_.format == FileFormat::kCsv ? ".csv" : ".jsonl") +
         (format_.gzip ? ".gz" : "");
}

Status ResultWriter::begin() {
  if (!in_folder()) {
    file_of("");  // there even if there are no rows
    return ok();
  }
  PENSTOCK_TRY(make_folder(format_.path));
  // What a run that was killed left behind.
  std::error_code error;
  std::vector<fs::path> left;
  for (fs::recursive_directory_iterator it(format_.path, error), end; !error && it != end; it.increment(error)) {
    if (it.depth() > 0)
      it.disable_recursion_pending();
    const std::string name = it->path().filename().string();
    if (name.starts_with("part") && name.ends_with(kTemporary))
      left.push_back(it->path());
  }
  for (const fs::path& path : left)
    fs::remove(path, error);
  return ok();
}

ResultWriter::File& ResultWriter::file_of(const std::string& date) {
  const auto [found, fresh] = files_.try_emplace(date);
  File& file = found->second;
  if (fresh) {
    if (!date.empty())
      file.folder = format_.path + "/" + kDate + date;
    file.path = !in_folder() ? format_.path : (date.empty() ? format_.path : file.folder) + "/" + name_of_part();
    if (format_.format == FileFormat::kCsv && format_.header)
      append_csv_header(*format_.schema, file.waiting, format_.delimiter);
  }
  return file;
}

Status ResultWriter::add(const BatchPtr& rows) {
  for (size_t i = 0; i < rows->rows(); ++i) {
    File& file = file_of(format_.date ? date_of(*rows->column(*format_.date), rows->row(i)) : "");
    const size_t before = file.waiting.size();
    if (format_.format == FileFormat::kCsv) {
      append_row_csv(*rows, i, file.waiting, format_.delimiter);
    } else {
      append_row_json(*rows, i, file.waiting);
      file.waiting += '\n';
    }
    ++rows_;
    waiting_ += file.waiting.size() - before;
    if (file.waiting.size() >= kMostOfAFile)
      PENSTOCK_TRY(write_out(file));
    if (waiting_ >= kMostOfAll)
      for (auto& [date, other] : files_)
        PENSTOCK_TRY(write_out(other));
  }
  return ok();
}

// What waits goes behind what is in the temporary file; packed, as a gzip member of its own.
Status ResultWriter::write_out(File& file) {
  if (file.waiting.empty() && file.created)
    return ok();
  if (!file.folder.empty() && !file.created)
    PENSTOCK_TRY(make_folder(file.folder));
  const std::string path = file.path + kTemporary;
  const int out = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (file.created ? 0 : O_TRUNC), 0644);
  if (out < 0)
    return io_error("cannot write " + path, errno);
  file.created = true;
  std::string packed;
  if (format_.gzip)
    append_gzip(file.waiting, packed);
  Status written = write_all(out, format_.gzip ? packed : file.waiting, path);
  ::close(out);
  bytes_ += format_.gzip ? packed.size() : file.waiting.size();
  waiting_ -= std::min<uint64_t>(waiting_, file.waiting.size());
  file.waiting.clear();
  return written;
}

Status ResultWriter::finish() {
  for (auto& [date, file] : files_) {
    PENSTOCK_TRY(write_out(file));
    PENSTOCK_TRY(sync_file(file.path + kTemporary));
  }
  for (const auto& [date, file] : files_)
    if (std::rename((file.path + kTemporary).c_str(), file.path.c_str()) != 0)
      return io_error("cannot put the result in the place of " + file.path, errno);
  finished_ = true;
  for (const auto& [date, file] : files_)
    PENSTOCK_TRY(sync_folder(folder_of(file.path)));
  if (format_.date && !format_.part)
    PENSTOCK_TRY(remove_other_dates());
  return in_folder() ? sync_folder(format_.path) : ok();
}

Status ResultWriter::remove_other_dates() {
  std::error_code error;
  std::vector<fs::path> gone;
  for (fs::directory_iterator it(format_.path, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(kDate) && it->is_directory(error) &&
        !files_.contains(name.substr(std::string_view(kDate).size())))
      gone.push_back(it->path());
  }
  for (const fs::path& folder : gone) {
    if (!fs::remove(folder / name_of_part(), error) && error)
      return io_error("cannot remove " + (folder / name_of_part()).string(), error.value());
    fs::remove(folder, error);  // unless somebody put something else there
  }
  return ok();
}

}  // namespace penstock
