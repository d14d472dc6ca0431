#include "actors/sources/file_position.h"

#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kDone = 1;
constexpr uint8_t kInside = 2;

void append_text(std::string_view text, std::string& out) {
  append_number(static_cast<uint32_t>(text.size()), out);
  out += text;
}

std::string read_text(ByteReader& reader) { return std::string(reader.bytes(reader.number<uint32_t>())); }

}  // namespace

std::string encode_positions(const FilePositions& positions) {
  std::string out;
  append_number(kVersion, out);
  append_number(static_cast<uint32_t>(positions.size()), out);
  for (const auto& [path, file] : positions) {
    append_text(path, out);
    append_number(file.inode, out);
    append_number(file.size, out);
    append_number(static_cast<uint8_t>((file.done ? kDone : 0) | (file.inside ? kInside : 0)), out);
    append_number(file.offset, out);
    append_number(file.line, out);
    append_number(file.record, out);
    append_number(static_cast<uint32_t>(file.columns.size()), out);
    for (const std::string& column : file.columns)
      append_text(column, out);
  }
  return out;
}

Result<FilePositions> decode_positions(std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.number<uint8_t>() != kVersion)
    return data_loss("the position of a file source has an unknown format version");
  FilePositions out;
  const auto files = reader.number<uint32_t>();
  for (uint32_t i = 0; i < files && !reader.failed(); ++i) {
    FilePosition& file = out[read_text(reader)];
    file.inode = reader.number<uint64_t>();
    file.size = reader.number<uint64_t>();
    const auto flags = reader.number<uint8_t>();
    file.done = (flags & kDone) != 0;
    file.inside = (flags & kInside) != 0;
    file.offset = reader.number<uint64_t>();
    file.line = reader.number<uint64_t>();
    file.record = reader.number<uint64_t>();
    const auto columns = reader.number<uint32_t>();
    for (uint32_t c = 0; c < columns && !reader.failed(); ++c)
      file.columns.push_back(read_text(reader));
  }
  if (reader.failed() || reader.left() > 0)
    return data_loss("the position of a file source has the wrong length");
  return out;
}

}  // namespace penstock
