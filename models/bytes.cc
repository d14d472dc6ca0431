#include "models/bytes.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>

namespace penstock {
namespace {

// Squares of what is accepted, summed over a row, stay finite.
bool storable(std::span<const float> values) {
  bool all = true;
  for (const float value : values)
    all = all && std::abs(value) < 1e15f;
  return all;
}

}  // namespace

Status check_learnt(std::initializer_list<std::span<const float>> parts) {
  if (std::all_of(parts.begin(), parts.end(), storable))
    return ok();
  return invalid_argument(
      "training gave numbers that are not finite or too large to be stored: weights, features or steps that are less "
      "extreme may help");
}

std::string SnapshotWriter::finish() && {
  number(static_cast<uint64_t>(XXH64(out_.data(), out_.size(), 0)));
  return std::move(out_);
}

Result<SnapshotReader> SnapshotReader::open(std::string_view bytes, std::string_view magic) {
  if (bytes.substr(0, magic.size()) != magic)
    return data_loss(
        "the stored model does not begin as one of its type, or is of a version this program does not know");
  if (bytes.size() < magic.size() + sizeof(uint64_t))
    return data_loss("the stored model is cut off after " + std::to_string(bytes.size()) + " bytes");
  const std::string_view content = bytes.substr(0, bytes.size() - sizeof(uint64_t));
  uint64_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + content.size(), sizeof(checksum));
  if (checksum != XXH64(content.data(), content.size(), 0))
    return data_loss("the checksum of the stored model is wrong: it was changed or cut off");
  return SnapshotReader(content.substr(magic.size()));
}

void SnapshotReader::floats(float* values, size_t count) {
  if (count > left_.size() / sizeof(float)) {
    ok_ = false;
    left_ = {};
    return;
  }
  if (count == 0)
    return;
  take(values, count * sizeof(float));
  ok_ = ok_ && storable({values, count});
}

std::string SnapshotReader::text() {
  const auto length = number<uint32_t>();
  if (length > left_.size()) {
    ok_ = false;
    left_ = {};
    return {};
  }
  std::string out(left_.substr(0, length));
  left_.remove_prefix(length);
  return out;
}

}  // namespace penstock
