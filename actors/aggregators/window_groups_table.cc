// Panes and sessions as entries of the table.
#include "actors/aggregators/window_groups.h"
#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint64_t kSignBit = 1ULL << 63;

}  // namespace

// The entry's key ends with the begin.
void WindowGroups::append_begin(int64_t begin, std::string& out) {
  const uint64_t bits = static_cast<uint64_t>(begin) ^ kSignBit;
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>(bits >> shift);
}

std::string WindowGroups::table_key(std::string_view group_key, int64_t begin) {
  std::string key;
  key.reserve(group_key.size() + kBeginBytes);
  key += group_key;
  append_begin(begin, key);
  return key;
}

int64_t WindowGroups::begin_of(std::string_view bytes) {
  uint64_t bits = 0;
  for (const char byte : bytes.substr(bytes.size() - kBeginBytes))
    bits = bits << 8 | static_cast<unsigned char>(byte);
  return static_cast<int64_t>(bits ^ kSignBit);
}

std::string WindowGroups::encode(uint32_t slot) const {
  std::string value(1, static_cast<char>(kVersion));
  append_number(slots_[slot].end, value);
  for (const auto& states : states_)
    states->encode(slot, value);
  return value;
}

void WindowGroups::changes(uint32_t number, std::string_view group_key, Delta& out) {
  Group& group = groups_[number];
  resize_states();
  for (const int64_t begin : group.gone)
    out.emplace_back(table_key(group_key, begin), std::nullopt);
  group.gone.clear();
  for (uint32_t slot = group.newest; slot != kNone; slot = slots_[slot].older) {
    Slot& at = slots_[slot];
    if (!at.changed)
      continue;
    if (at.stored && at.stored_begin != at.begin)
      out.emplace_back(table_key(group_key, at.stored_begin), std::nullopt);
    out.emplace_back(table_key(group_key, at.begin), encode(slot));
    at.changed = false;
    at.stored = true;
    at.stored_begin = at.begin;
    measure(group, slot);
  }
}

Status WindowGroups::restore(uint32_t number, int64_t begin, std::string_view value) {
  ByteReader in(value);
  const bool known = in.number<uint8_t>() == kVersion;
  const auto end = in.number<int64_t>();
  if (!known || in.failed())
    return data_loss("a window's state is cut off or of an unknown version");
  if (begin < -WindowPlan::kFurthest || begin > end || end > WindowPlan::kFurthest)
    return data_loss("a window's state has a time that cannot be");
  if (!plan_.sessions() && (end - begin != plan_.pane || plan_.pane_of(begin) != begin))
    return data_loss("a window's state is of windows that began at other times or were of another size");
  if (plan_.sessions() ? end + plan_.gap <= closed_ : begin < open_from_)
    return ok();
  Group& group = groups_[number];
  uint32_t older = group.newest, newer = kNone;
  for (; older != kNone && slots_[older].begin > begin; older = slots_[older].older)
    newer = older;
  if (older != kNone && slots_[older].begin == begin)
    return data_loss("a window's state was restored twice");
  const uint32_t slot = insert(group, begin, end, older, newer);
  slots_[slot].stored = true;
  slots_[slot].stored_begin = begin;
  resize_states();
  std::string_view states_bytes = value.substr(value.size() - in.left());
  for (const auto& states : states_)
    PENSTOCK_TRY(states->decode(slot, states_bytes));
  if (!states_bytes.empty())
    return data_loss("a window's state has " + std::to_string(states_bytes.size()) + " bytes too many");
  measure(group, slot);
  if (group.runs)
    drop_runs_of(group, begin);
  return ok();
}

Status WindowGroups::copy_to(uint32_t number, WindowGroups& other) const {
  other.resize(1);
  for (uint32_t slot = groups_[number].oldest; slot != kNone; slot = slots_[slot].newer)
    PENSTOCK_TRY(other.restore(0, slots_[slot].begin, encode(slot)));
  return ok();
}

void WindowGroups::measure(Group& group, uint32_t slot) {
  size_t bytes = sizeof(Slot);
  for (const auto& states : states_)
    bytes += states->memory(slot);
  group.bytes += bytes - slots_[slot].bytes;  // modulo 2^64
  slots_[slot].bytes = static_cast<uint32_t>(bytes);
}

}  // namespace penstock
