#include "cli/systems/row_file.h"

#include <cerrno>

#include "messages/json_writer.h"
#include "messages/timestamp.h"

namespace penstock::cli {

JsonRow& JsonRow::field(std::string_view name, std::string_view text) {
  std::string json;
  append_json_string(text, json);
  return raw(name, json);
}

JsonRow& JsonRow::field(std::string_view name, double number) { return raw(name, format_float64(number)); }

JsonRow& JsonRow::field(std::string_view name, Timestamp at) { return field(name, format_timestamp(at)); }

JsonRow& JsonRow::raw(std::string_view name, std::string_view json) {
  members_ += members_.empty() ? "" : ",";
  append_json_string(name, members_);
  members_.append(":").append(json);
  return *this;
}

std::string csv_row(const std::vector<std::string>& fields) {
  std::string out;
  for (size_t i = 0; i < fields.size(); ++i) {
    out += i == 0 ? "" : ",";
    if (fields[i].find_first_of(",\"\r\n") == std::string::npos) {
      out += fields[i];
      continue;
    }
    out += '"';
    for (const char c : fields[i])
      out += c == '"' ? std::string("\"\"") : std::string(1, c);
    out += '"';
  }
  return out;
}

Result<RowFile> RowFile::create(const std::string& path) {
  RowFile file;
  file.path_ = path;
  file.out_.open(path, std::ios::binary | std::ios::trunc);
  if (!file.out_)
    return io_error("cannot write " + path, errno);
  return file;
}

void RowFile::write(std::string_view line) {
  out_.write(line.data(), static_cast<std::streamsize>(line.size())).put('\n');
}

Status RowFile::close() {
  out_.close();
  return out_.good() ? ok() : unavailable("cannot write all of " + path_ + ": is the disk full?");
}

}  // namespace penstock::cli
