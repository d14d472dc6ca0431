#include "actors/regions/dead_letter_marks.h"

#include "storage/bytes.h"

namespace penstock {
namespace {

constexpr char kVersion = 1;
constexpr char kReplayed = 1, kPurged = 2;
constexpr size_t kHead = 2 + sizeof(int64_t) + sizeof(uint32_t);

}  // namespace

std::string letter_key(Offset number) {
  std::string key(sizeof(uint64_t), '\0');
  store_be64(key.data(), number.value());
  return key;
}

std::string encode_mark(const LetterMark& mark) {
  std::string out{kVersion, mark.purged ? kPurged : kReplayed};
  append_le(out, mark.replayed.at.micros);
  append_le(out, mark.replayed.times);
  return out + mark.replayed.log;
}

Result<LetterMark> decode_mark(std::string_view value) {
  if (value.size() < kHead || value[0] != kVersion || (value[1] != kReplayed && value[1] != kPurged))
    return data_loss("table \"dead_letters\": a mark has " + std::to_string(value.size()) +
                     " bytes that this version of penstock does not know");
  LetterMark mark;
  mark.purged = value[1] == kPurged;
  mark.replayed.at = Timestamp{load_le<int64_t>(value.data() + 2)};
  mark.replayed.times = load_le<uint32_t>(value.data() + 2 + sizeof(int64_t));
  mark.replayed.log = value.substr(kHead);
  return mark;
}

}  // namespace penstock
