#include "sql/aggregate_states.h"

namespace penstock::sql {

Status AggregateStates::decode(size_t group, std::string_view& bytes) {
  clear(group);
  return merge(group, bytes);
}

void append_word(int64_t word, ColumnBuilder& out) {
  if (out.type() == Type::kFloat64)
    out.append_float64(float_of_word(word));
  else if (out.type() == Type::kBool)
    out.append_bool(word != 0);
  else
    out.append_int64(word);
}

void put_varint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7)
    out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

uint64_t StateReader::varint() {
  uint64_t value = 0;
  for (int shift = 0; ok_; shift += 7) {
    const auto byte = fixed<uint8_t>();
    ok_ = ok_ && shift < 64;
    if (ok_)
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80)
      break;
  }
  return ok_ ? value : 0;
}

}  // namespace penstock::sql
