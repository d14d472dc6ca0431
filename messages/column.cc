#include "messages/column.h"

#include <algorithm>
#include <cassert>

#include "messages/timestamp.h"

namespace penstock {
namespace {

bool stores_int64(Type type) { return type == Type::kInt64 || type == Type::kTimestamp; }
[[maybe_unused]] bool stores_string(Type type) { return type == Type::kString || type == Type::kJson; }

Bitmap gather_bits(std::span<const uint64_t> bits, std::span<const uint32_t> rows) {
  if (bits.empty())
    return {};
  Bitmap out((rows.size() + 63) / 64, 0);
  bool any_null = false;
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool valid = bit(bits, rows[i]);
    out[i >> 6] |= static_cast<uint64_t>(valid) << (i & 63);
    any_null |= !valid;
  }
  return any_null ? out : Bitmap{};
}

template <class T>
std::vector<T> gather_values(std::span<const T> values, std::span<const uint32_t> rows) {
  std::vector<T> out(rows.size());
  for (size_t i = 0; i < rows.size(); ++i)
    out[i] = values[rows[i]];
  return out;
}

}  // namespace

ColumnPtr Column::bools(std::vector<uint8_t> values, Bitmap validity) {
  auto column = std::shared_ptr<Column>(new Column(Type::kBool, values.size(), std::move(validity)));
  column->bools_ = std::move(values);
  return column;
}

ColumnPtr Column::int64s(std::vector<int64_t> values, Bitmap validity, Type type) {
  assert(stores_int64(type));
  auto column = std::shared_ptr<Column>(new Column(type, values.size(), std::move(validity)));
  column->int64s_ = std::move(values);
  return column;
}

ColumnPtr Column::float64s(std::vector<double> values, Bitmap validity) {
  auto column = std::shared_ptr<Column>(new Column(Type::kFloat64, values.size(), std::move(validity)));
  column->float64s_ = std::move(values);
  return column;
}

ColumnPtr Column::strings(std::vector<uint32_t> offsets, std::string bytes, Bitmap validity, Type type) {
  assert(stores_string(type) && !offsets.empty() && offsets.back() == bytes.size());
  auto column = std::shared_ptr<Column>(new Column(type, offsets.size() - 1, std::move(validity)));
  column->offsets_ = std::move(offsets);
  column->bytes_ = std::move(bytes);
  return column;
}

ColumnPtr Column::nulls(Type type, size_t size) {
  Bitmap none((size + 63) / 64, 0);
  if (type == Type::kBool)
    return bools(std::vector<uint8_t>(size), std::move(none));
  if (type == Type::kFloat64)
    return float64s(std::vector<double>(size), std::move(none));
  if (stores_int64(type))
    return int64s(std::vector<int64_t>(size), std::move(none), type);
  return strings(std::vector<uint32_t>(size + 1), {}, std::move(none), type);
}

ColumnPtr Column::gather(std::span<const uint32_t> rows) const {
  Bitmap validity = gather_bits(validity_, rows);
  if (type_ == Type::kBool)
    return bools(gather_values<uint8_t>(bools_, rows), std::move(validity));
  if (type_ == Type::kFloat64)
    return float64s(gather_values<double>(float64s_, rows), std::move(validity));
  if (stores_int64(type_))
    return int64s(gather_values<int64_t>(int64s_, rows), std::move(validity), type_);
  std::vector<uint32_t> offsets(rows.size() + 1);
  size_t total = 0;
  for (const uint32_t row : rows)
    total += offsets_[row + 1] - offsets_[row];
  std::string bytes(total, '\0');
  size_t end = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string_view text = string(rows[i]);
    std::copy(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(end));
    offsets[i + 1] = static_cast<uint32_t>(end += text.size());
  }
  return strings(std::move(offsets), std::move(bytes), std::move(validity), type_);
}

size_t Column::memory() const {
  return sizeof(Column) + validity_.size() * 8 + bools_.size() + int64s_.size() * 8 + float64s_.size() * 8 +
         offsets_.size() * 4 + bytes_.size();
}

std::string Column::to_string(size_t row) const {
  if (is_null(row))
    return "NULL";
  switch (type_) {
    case Type::kBool: return bools_[row] ? "true" : "false";
    case Type::kInt64: return std::to_string(int64s_[row]);
    case Type::kTimestamp: return format_timestamp({int64s_[row]});
    case Type::kString:
    case Type::kJson: return std::string(string(row));
    case Type::kFloat64: break;
  }
  return format_float64(float64s_[row]);
}

void ColumnBuilder::reserve(size_t rows) {
  if (type_ == Type::kBool)
    bools_.reserve(rows);
  else if (type_ == Type::kFloat64)
    float64s_.reserve(rows);
  else if (stores_int64(type_))
    int64s_.reserve(rows);
  else
    offsets_.reserve(rows + 1);
}

void ColumnBuilder::mark(bool valid) {
  if (!any_null_) {
    any_null_ = true;
    validity_.assign(size_ / 64 + 1, ~0ULL);
    validity_.back() = (1ULL << (size_ & 63)) - 1;
  }
  if (size_ / 64 >= validity_.size())
    validity_.push_back(0);
  validity_[size_ >> 6] |= static_cast<uint64_t>(valid) << (size_ & 63);
}

void ColumnBuilder::append_null() {
  if (type_ == Type::kBool)
    bools_.push_back(0);
  else if (type_ == Type::kFloat64)
    float64s_.push_back(0);
  else if (stores_int64(type_))
    int64s_.push_back(0);
  else
    offsets_.push_back(static_cast<uint32_t>(bytes_.size()));
  grow(false);
}

void ColumnBuilder::append_from(const Column& column, size_t row) {
  assert(column.type() == type_);
  if (column.is_null(row))
    append_null();
  else if (type_ == Type::kBool)
    append_bool(column.bools()[row] != 0);
  else if (type_ == Type::kFloat64)
    append_float64(column.float64s()[row]);
  else if (stores_int64(type_))
    append_int64(column.int64s()[row]);
  else
    append_string(column.string(row));
}

void ColumnBuilder::append_all(const Column& column) {
  assert(column.type() == type_);
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  if (column.has_nulls() || any_null_)
    return append_values(column, column.size(), [](size_t i) { return i; });
  append(bools_, column.bools());
  append(int64s_, column.int64s());
  append(float64s_, column.float64s());
  const auto shift = static_cast<uint32_t>(bytes_.size());
  offsets_.reserve(offsets_.size() + column.size());
  for (size_t i = 1; i < column.offsets().size(); ++i)
    offsets_.push_back(shift + column.offsets()[i]);
  bytes_.append(column.bytes());
  size_ += column.size();
}

void ColumnBuilder::append_rows(const Column& column, std::span<const uint32_t> rows) {
  assert(column.type() == type_);
  append_values(column, rows.size(), [&](size_t i) { return rows[i]; });
}

template <class RowAt>
void ColumnBuilder::append_values(const Column& column, size_t count, RowAt&& row_at) {
  const auto append = [&](auto& to, const auto& from) {
    const size_t start = to.size();
    to.resize(start + count);
    for (size_t i = 0; i < count; ++i)
      to[start + i] = from[row_at(i)];
  };
  if (type_ == Type::kBool)
    append(bools_, column.bools());
  else if (type_ == Type::kFloat64)
    append(float64s_, column.float64s());
  else if (stores_int64(type_))
    append(int64s_, column.int64s());
  else
    for (size_t i = 0; i < count; ++i) {
      bytes_.append(column.string(row_at(i)));
      offsets_.push_back(static_cast<uint32_t>(bytes_.size()));
    }
  if (!column.has_nulls() && !any_null_)
    size_ += count;
  else
    for (size_t i = 0; i < count; ++i)
      grow(!column.is_null(row_at(i)));
}

void ColumnBuilder::pop() {
  --size_;
  if (any_null_)
    validity_[size_ >> 6] &= ~(1ULL << (size_ & 63));
  if (type_ == Type::kBool)
    bools_.pop_back();
  else if (type_ == Type::kFloat64)
    float64s_.pop_back();
  else if (stores_int64(type_))
    int64s_.pop_back();
  else {
    offsets_.pop_back();
    bytes_.resize(offsets_.back());
  }
}

ColumnPtr ColumnBuilder::finish() {
  if (any_null_)
    validity_.resize((size_ + 63) / 64);
  ColumnPtr column;
  if (type_ == Type::kBool)
    column = Column::bools(std::move(bools_), std::move(validity_));
  else if (type_ == Type::kFloat64)
    column = Column::float64s(std::move(float64s_), std::move(validity_));
  else if (stores_int64(type_))
    column = Column::int64s(std::move(int64s_), std::move(validity_), type_);
  else
    column = Column::strings(std::move(offsets_), std::move(bytes_), std::move(validity_), type_);
  *this = ColumnBuilder(type_);
  return column;
}

}  // namespace penstock
