#include "messages/text_dictionary.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace penstock {
namespace {

constexpr size_t kMaxEntries = 65'536;
constexpr size_t kSample = 1024;  // rows after which a column of mostly distinct texts is given up
constexpr size_t kSlot = 16;      // short entries are copied whole, in one store
constexpr uint64_t kMaxBytes = uint64_t{1} << 30;

}  // namespace

bool TextDictionary::build(const Column& column) {
  const size_t rows = column.size();
  const size_t most = std::min(rows / 2, kMaxEntries);
  if (most == 0 || column.bytes().size() <= rows)
    return false;
  slots_.resize(std::bit_ceil(2 * most + 2));
  codes_.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    codes_[i] = code_of(column.string(i));
    if (entries() > most || (i + 1 == kSample && entries() > kSample / 4 * 3))
      return false;
  }
  return true;
}

uint32_t TextDictionary::code_of(std::string_view text) {
  const uint64_t hash = XXH3_64bits(text.data(), text.size());
  const auto check = static_cast<uint32_t>(hash >> 32);
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.code_plus_1 == 0) {
      const auto code = static_cast<uint32_t>(entries());
      slot = {check, code + 1};
      bytes_.append(text);
      offsets_.push_back(static_cast<uint32_t>(bytes_.size()));
      return code;
    }
    if (slot.hash == check && entry(slot.code_plus_1 - 1) == text)
      return slot.code_plus_1 - 1;
  }
}

bool expand_dictionary(std::span<const uint32_t> entry_offsets, std::string_view entry_bytes,
                       std::span<const uint32_t> codes, std::vector<uint32_t>& offsets, std::string& bytes) {
  const size_t entries = entry_offsets.size() - 1;
  for (const uint32_t code : codes)
    if (code >= entries)
      return false;
  offsets.resize(codes.size() + 1);
  uint64_t total = 0;
  for (size_t i = 0; i < codes.size(); ++i) {
    total += entry_offsets[codes[i] + 1] - entry_offsets[codes[i]];
    offsets[i + 1] = static_cast<uint32_t>(total);
  }
  if (total > kMaxBytes)
    return false;
  // A copy of a fixed size is one instruction: entries are padded at their source, the target has room behind its end,
  // and what is copied too much is overwritten by the next row.
  std::string padded(entry_bytes);
  padded.resize(entry_bytes.size() + kSlot);
  bytes.resize(total + kSlot);
  for (size_t i = 0; i < codes.size(); ++i) {
    const uint32_t start = entry_offsets[codes[i]];
    const size_t length = offsets[i + 1] - offsets[i];
    std::memcpy(bytes.data() + offsets[i], padded.data() + start, kSlot);
    if (length > kSlot)
      std::memcpy(bytes.data() + offsets[i] + kSlot, padded.data() + start + kSlot, length - kSlot);
  }
  bytes.resize(total);
  return true;
}

}  // namespace penstock
