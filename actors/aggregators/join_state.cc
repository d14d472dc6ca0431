#include "actors/aggregators/join_state.h"

#include <algorithm>

#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kLeft = 0, kRight = 1;

bool is_before(int64_t time, const JoinRow& row) { return time < row.time; }

}  // namespace

void JoinState::insert(size_t side, JoinRow row) {
  std::vector<JoinRow>& rows = sides[side];
  const auto at = std::upper_bound(rows.begin(), rows.end(), row.time, is_before);
  rows.insert(at, std::move(row));
}

void JoinState::put_version(JoinRow row) {
  std::vector<JoinRow>& rows = sides[kRight];
  const auto at = std::upper_bound(rows.begin(), rows.end(), row.time, is_before);
  if (at != rows.begin() && std::prev(at)->time == row.time)
    *std::prev(at) = std::move(row);
  else
    rows.insert(at, std::move(row));
}

const JoinRow* JoinState::version_at(int64_t time) const {
  const std::vector<JoinRow>& rows = sides[kRight];
  const auto at = std::upper_bound(rows.begin(), rows.end(), time, is_before);
  return at == rows.begin() || std::prev(at)->flag ? nullptr : &*std::prev(at);
}

void JoinState::drop_versions_before(int64_t time) {
  std::vector<JoinRow>& rows = sides[kRight];
  auto first = std::upper_bound(rows.begin(), rows.end(), time, is_before);
  if (first == rows.begin())
    return;
  if (!std::prev(first)->flag)
    --first;  // what is seen from `time` on
  rows.erase(rows.begin(), first);
}

int64_t JoinState::first_until() const {
  int64_t first = kNever;
  for (const JoinRow& row : sides[kLeft])
    first = std::min(first, row.until);
  return first;
}

size_t JoinState::memory() const {
  size_t bytes = sizeof *this;
  for (const auto& rows : sides)
    for (const JoinRow& row : rows)
      bytes += sizeof row + (row.bytes.size() > 15 ? row.bytes.capacity() : 0);
  return bytes;
}

std::string JoinState::encode() const {
  std::string out(1, static_cast<char>(kVersion));
  for (const auto& rows : sides) {
    append_number(static_cast<uint32_t>(rows.size()), out);
    for (const JoinRow& row : rows) {
      append_number(row.time, out);
      append_number(row.until, out);
      append_number(static_cast<uint8_t>(row.flag), out);
      append_number(static_cast<uint32_t>(row.bytes.size()), out);
      out += row.bytes;
    }
  }
  return out;
}

Result<JoinState> JoinState::decode(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.number<uint8_t>() != kVersion)
    return data_loss("what a join keeps of a key has an unknown format version");
  JoinState out;
  for (auto& rows : out.sides)
    for (auto count = in.number<uint32_t>(); count > 0 && !in.failed(); --count) {
      JoinRow row;
      row.time = in.number<int64_t>();
      row.until = in.number<int64_t>();
      row.flag = in.number<uint8_t>() != 0;
      row.bytes = in.bytes(in.number<uint32_t>());
      rows.push_back(std::move(row));
    }
  if (in.failed() || in.left() > 0)
    return data_loss("what a join keeps of a key is cut off or too long");
  return out;
}

}  // namespace penstock
