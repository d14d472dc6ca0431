#include "messages/column_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "messages/byte_io.h"
#include "messages/packed_ints.h"
#include "messages/text_dictionary.h"

namespace penstock {
namespace {

enum Nulls : uint8_t { kNoNulls = 0, kSomeNulls = 1, kAllNulls = 2 };
enum FloatForm : uint8_t { kRawFloats = 0, kDecimals = 1 };
enum TextForm : uint8_t { kPlainTexts = 0, kDictionary = 1 };

size_t bitmap_bytes(size_t rows) { return (rows + 7) / 8; }

void append_bitmap(std::span<const uint64_t> bits, size_t rows, std::string& out) {
  out.append(reinterpret_cast<const char*>(bits.data()), bitmap_bytes(rows));
}

Bitmap read_bitmap(std::string_view bytes, size_t rows) {
  Bitmap bits((rows + 63) / 64, 0);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(bits.data()));
  if (rows % 64 != 0)
    bits.back() &= (1ULL << (rows % 64)) - 1;
  return bits;
}

Nulls nulls_of(const Column& column) {
  if (!column.has_nulls())
    return kNoNulls;
  size_t valid = 0;
  for (const uint64_t word : column.validity())
    valid += static_cast<size_t>(std::popcount(word));
  return valid == column.size() ? kNoNulls : valid == 0 ? kAllNulls : kSomeNulls;
}

// The values with each null's placeholder replaced by the value before it, which packs better than a 0 among large
// numbers.
template <class T>
std::vector<T> filled(std::span<const T> values, const Column& column) {
  std::vector<T> out(values.begin(), values.end());
  size_t first = 0;
  while (column.is_null(first))
    ++first;
  T last = values[first];
  for (size_t i = 0; i < out.size(); ++i)
    last = out[i] = column.is_null(i) ? last : out[i];
  return out;
}

template <class T>
void clear_nulls(std::vector<T>& values, const Bitmap& validity) {
  if (validity.empty())
    return;
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = bit(validity, i) ? values[i] : T{};
}

void append_bools(std::span<const uint8_t> values, std::string& out) {
  const size_t start = out.size();
  out.resize(start + bitmap_bytes(values.size()));
  for (size_t i = 0; i < values.size(); ++i)
    out[start + i / 8] = static_cast<char>(out[start + i / 8] | (values[i] << (i % 8)));
}

// Numbers with few decimals, such as prices: small integers that give back the very same doubles.
bool to_decimals(std::span<const double> values, double scale, std::vector<int64_t>& out) {
  constexpr double kExact = 9.0e15;
  out.resize(values.size());
  for (size_t begin = 0; begin < values.size(); begin += 256) {
    bool same = true;
    for (size_t i = begin; i < std::min(begin + 256, values.size()); ++i) {
      const double scaled = values[i] * scale;
      const bool fits = scaled > -kExact && scaled < kExact;
      out[i] = fits ? static_cast<int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5)) : 0;
      same &= std::bit_cast<uint64_t>(static_cast<double>(out[i]) / scale) == std::bit_cast<uint64_t>(values[i]);
    }
    if (!same)
      return false;
  }
  return true;
}

void append_floats(std::span<const double> values, std::string& out) {
  std::vector<int64_t> decimals;
  for (const uint16_t scale : {1, 10, 100, 1000}) {
    if (!to_decimals(values, scale, decimals))
      continue;
    append_number<uint8_t>(kDecimals, out);
    append_number(scale, out);
    return append_packed(std::span<const int64_t>(decimals), out);
  }
  append_number<uint8_t>(kRawFloats, out);
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

bool read_floats(ByteReader& reader, size_t rows, std::vector<double>& out) {
  out.resize(rows);
  const auto form = reader.number<uint8_t>();
  if (form == kDecimals) {
    const auto scale = reader.number<uint16_t>();
    std::vector<int64_t> decimals;
    if (scale == 0 || !read_packed(reader, rows, decimals))
      return false;
    for (size_t i = 0; i < rows; ++i)
      out[i] = static_cast<double>(decimals[i]) / scale;
    return true;
  }
  const std::string_view bytes = reader.bytes(rows * sizeof(double));
  if (form != kRawFloats || reader.failed())
    return false;
  if (rows > 0)  // else there is no place to copy from or to
    std::memcpy(out.data(), bytes.data(), bytes.size());
  return true;
}

void append_texts(std::span<const uint32_t> offsets, std::string_view bytes, std::string& out) {
  std::vector<uint32_t> lengths(offsets.size() - 1);
  for (size_t i = 0; i < lengths.size(); ++i)
    lengths[i] = offsets[i + 1] - offsets[i];
  append_packed(lengths, out);
  out.append(bytes);
}

struct Texts {
  std::vector<uint32_t> offsets;
  std::string_view bytes;
};

bool read_texts(ByteReader& reader, size_t count, Texts& out) {
  std::vector<uint32_t> lengths;
  if (!read_packed(reader, count, lengths))
    return false;
  out.offsets.resize(count + 1);
  uint64_t total = 0;
  for (size_t i = 0; i < count; ++i)
    out.offsets[i + 1] = static_cast<uint32_t>(total += lengths[i]);
  if (total > std::numeric_limits<uint32_t>::max())
    return false;
  out.bytes = reader.bytes(total);
  return !reader.failed();
}

void append_strings(const Column& column, std::string& out) {
  TextDictionary dictionary;
  if (!dictionary.build(column)) {
    append_number<uint8_t>(kPlainTexts, out);
    return append_texts(column.offsets(), column.bytes(), out);
  }
  append_number<uint8_t>(kDictionary, out);
  append_number(static_cast<uint32_t>(dictionary.entries()), out);
  append_texts(dictionary.offsets(), dictionary.bytes(), out);
  append_packed(dictionary.codes(), out);
}

Result<ColumnPtr> read_strings(ByteReader& reader, Type type, size_t rows, Bitmap validity) {
  const auto form = reader.number<uint8_t>();
  Texts texts;
  if (form == kPlainTexts && read_texts(reader, rows, texts))
    return Column::strings(std::move(texts.offsets), std::string(texts.bytes), std::move(validity), type);
  if (form != kDictionary)
    return data_loss("broken texts");
  const auto entries = reader.number<uint32_t>();
  std::vector<uint32_t> codes;
  if (entries > rows || !read_texts(reader, entries, texts) || !read_packed(reader, rows, codes))
    return data_loss("broken dictionary");
  std::vector<uint32_t> offsets;
  std::string bytes;
  if (!expand_dictionary(texts.offsets, texts.bytes, codes, offsets, bytes))
    return data_loss("dictionary code out of range");
  return Column::strings(std::move(offsets), std::move(bytes), std::move(validity), type);
}

Result<ColumnPtr> read_values(ByteReader& reader, Type type, size_t rows, Bitmap validity) {
  switch (type) {
    case Type::kBool: {
      const std::string_view bits = reader.bytes(bitmap_bytes(rows));
      if (reader.failed())
        break;
      std::vector<uint8_t> values(rows);
      for (size_t i = 0; i < rows; ++i)
        values[i] = (static_cast<unsigned char>(bits[i / 8]) >> (i % 8)) & 1;
      clear_nulls(values, validity);
      return Column::bools(std::move(values), std::move(validity));
    }
    case Type::kInt64:
    case Type::kTimestamp: {
      std::vector<int64_t> values;
      if (!read_packed(reader, rows, values))
        break;
      clear_nulls(values, validity);
      return Column::int64s(std::move(values), std::move(validity), type);
    }
    case Type::kFloat64: {
      std::vector<double> values;
      if (!read_floats(reader, rows, values))
        break;
      clear_nulls(values, validity);
      return Column::float64s(std::move(values), std::move(validity));
    }
    case Type::kString:
    case Type::kJson: return read_strings(reader, type, rows, std::move(validity));
  }
  return data_loss("broken values");
}

}  // namespace

void append_column(const Column& column, std::string& out) {
  const Nulls nulls = nulls_of(column);
  append_number<uint8_t>(nulls, out);
  if (nulls == kSomeNulls)
    append_bitmap(column.validity(), column.size(), out);
  if (nulls == kAllNulls)
    return;
  switch (column.type()) {
    case Type::kBool: return append_bools(column.bools(), out);
    case Type::kInt64:
    case Type::kTimestamp:
      return append_packed(
          nulls == kSomeNulls ? std::span<const int64_t>(filled(column.int64s(), column)) : column.int64s(), out);
    case Type::kFloat64:
      return append_floats(
          nulls == kSomeNulls ? std::span<const double>(filled(column.float64s(), column)) : column.float64s(), out);
    case Type::kString:
    case Type::kJson: return append_strings(column, out);
  }
}

Result<ColumnPtr> read_column(std::string_view bytes, Type type, size_t rows) {
  ByteReader reader(bytes);
  const auto nulls = reader.number<uint8_t>();
  if (reader.failed() || nulls > kAllNulls)
    return data_loss("broken mark of nulls");
  if (nulls == kAllNulls)
    return reader.left() == 0 ? Result<ColumnPtr>(Column::nulls(type, rows)) : data_loss("bytes behind the values");
  Bitmap validity;
  if (nulls == kSomeNulls) {
    const std::string_view bits = reader.bytes(bitmap_bytes(rows));
    if (reader.failed())
      return data_loss("broken bitmap of nulls");
    validity = read_bitmap(bits, rows);
  }
  PENSTOCK_ASSIGN(ColumnPtr column, read_values(reader, type, rows, std::move(validity)));
  if (reader.failed() || reader.left() != 0)
    return data_loss("bytes behind the values");
  return column;
}

}  // namespace penstock
