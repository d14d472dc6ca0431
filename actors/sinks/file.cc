#include "actors/sinks/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>

#include "actors/components.h"
#include "actors/sinks/delivery.h"
#include "messages/csv_writer.h"
#include "messages/json_writer.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

constexpr size_t kFlushBytes = 1 << 20;

std::string marker_path(const std::string& path) { return path + ".penstock-start"; }

Result<uint64_t> parse_length(std::string_view text, const std::string& path) {
  uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size())
    return data_loss("the position of " + path + " must be a number of bytes, not \"" + std::string(text) + "\"");
  return length;
}

}  // namespace

FileSink::~FileSink() { close(); }

void FileSink::close() {
  if (file_ >= 0)
    ::close(file_);
  file_ = -1;
}

// The length at the very first open: from the marker if there is one, else from the file, and then a marker is made.
Result<uint64_t> FileSink::first_length() {
  const std::string marker = marker_path(options_.path);
  if (std::ifstream kept(marker); kept) {
    std::string text;
    std::getline(kept, text);
    if (!text.empty())  // empty: the machine stopped while it was made, and nothing had been written yet
      return parse_length(text, options_.path);
  }
  struct stat status {};
  if (::fstat(file_, &status) != 0)
    return io_error("cannot look at " + options_.path, errno);
  const std::string text = std::to_string(status.st_size) + "\n";
  const int file = ::open(marker.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0)
    ::close(file);
  if (!written)
    return io_error("cannot write " + marker, error);
  return static_cast<uint64_t>(status.st_size);
}

Status FileSink::open(std::string_view position) {
  close();
  buffer_.clear();
  file_ = ::open(options_.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0)
    return io_error("cannot write " + options_.path, errno);
  struct stat status {};
  if (::fstat(file_, &status) != 0)
    return io_error("cannot look at " + options_.path, errno);
  PENSTOCK_ASSIGN(length_, position.empty() ? first_length() : parse_length(position, options_.path));
  const auto present = static_cast<uint64_t>(status.st_size);
  if (S_ISREG(status.st_mode) && present < length_)
    return failed_precondition(options_.path + " has " + std::to_string(present) + " bytes, but " +
                               std::to_string(length_) +
                               " were delivered into it: it was cut or replaced; put it back");
  if (S_ISREG(status.st_mode) && ::ftruncate(file_, static_cast<off_t>(length_)) != 0)
    return io_error("cannot cut " + options_.path + " to " + std::to_string(length_) + " bytes", errno);
  if (S_ISREG(status.st_mode) && ::lseek(file_, static_cast<off_t>(length_), SEEK_SET) < 0)
    return io_error("cannot go to the end of " + options_.path, errno);
  if (!position.empty())
    ::unlink(marker_path(options_.path).c_str());
  if (length_ == 0 && options_.format == FileFormat::kCsv && options_.header)
    append_csv_header(*options_.schema, buffer_, options_.delimiter);
  return ok();
}

Status FileSink::write(const BatchPtr& batch) {
  for (size_t i = 0; i < batch->rows(); ++i) {
    if (options_.format == FileFormat::kCsv) {
      append_row_csv(*batch, i, buffer_, options_.delimiter);
    } else {
      append_row_json(*batch, i, buffer_);
      buffer_ += '\n';
    }
    if (buffer_.size() >= kFlushBytes)
      PENSTOCK_TRY(flush());
  }
  return ok();
}

Status FileSink::flush() {
  if (file_ < 0)
    return failed_precondition(options_.path + " is not open");
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return io_error("cannot write " + options_.path, errno);
    rest.remove_prefix(static_cast<size_t>(written));
    length_ += static_cast<uint64_t>(written);
  }
  buffer_.clear();
  return ok();
}

Result<std::string> FileSink::sync() {
  PENSTOCK_TRY(flush());
  if (::fdatasync(file_) != 0 && errno != EINVAL)  // EINVAL: a pipe or device, which has nothing to sync
    return io_error("cannot sync " + options_.path, errno);
  return std::to_string(length_);
}

topology::ComponentType file_sink_type() {
  using topology::Kind;
  topology::ComponentType type;
  type.role = topology::Role::kSink;
  type.name = "file";
  type.summary = "Appends rows to a file as JSON Lines or CSV, each exactly once.";
  type.example =
      "purchases_out:\n"
      "  type: file\n"
      "  input: shop\n"
      "  path: purchases.jsonl\n";
  type.properties = {
      {.name = "path", .kind = Kind::kPath, .meaning = "The file; made if it is not there.", .required = true},
      format_property(),
      {.name = "delimiter", .kind = Kind::kString, .meaning = "CSV: the character between fields; default: a comma."},
      {.name = "header",
       .kind = Kind::kBool,
       .meaning = "CSV: whether the file begins with a line of column names.",
       .default_value = "true"},
  };
  for (topology::Property& property : delivery_properties())
    type.properties.push_back(std::move(property));
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    topology::check_output_folder(component, "path", context);
    check_format(component, context.diagnostics);
    check_delimiter(component, context.diagnostics);
    check_delivery(component, context.diagnostics);
    return topology::Binding{};
  };
  return type;
}

Result<SinkPtr> make_file_sink(const MakeContext& context) {
  const topology::Component& component = context.component;
  FileSinkOptions options;
  options.path = topology::resolve_path(context.folder, component.text("path"));
  options.format = file_format(component).value_or(FileFormat::kJsonLines);
  options.delimiter = delimiter_of(component);
  options.header = component.flag("header");
  options.schema = context.inputs[0].schema;
  return SinkPtr(std::make_unique<FileSink>(std::move(options)));
}

}  // namespace penstock
