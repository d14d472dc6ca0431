#include "actors/recommenders/row_table.h"

namespace penstock {
namespace {

constexpr uint64_t kBytesAKey = 80;  // the key, the row, a node and a bucket of the map

bool is_text(const Column& column) { return column.type() == Type::kString || column.type() == Type::kJson; }

std::string value_text(const Column& column, size_t row) {
  return is_text(column) ? std::string(column.string(row)) : column.to_string(row);
}

std::vector<int32_t> codes_of(const Column& column) {
  std::vector<int32_t> codes(column.size(), -1);
  std::unordered_map<std::string, int32_t> numbers;
  for (size_t row = 0; row < column.size(); ++row)
    if (!column.is_null(row))
      codes[row] = numbers.emplace(value_text(column, row), static_cast<int32_t>(numbers.size())).first->second;
  return codes;
}

}  // namespace

RowTable::RowTable(const BatchPtr& rows, size_t key, std::span<const size_t> coded) : rows_(rows->compact()) {
  const Column& keys = *rows_->column(key);
  by_key_.reserve(keys.size());
  for (size_t row = 0; row < keys.size(); ++row)
    if (!keys.is_null(row))
      by_key_.emplace(value_text(keys, row), static_cast<int32_t>(row));
  for (const size_t column : coded)
    codes_.push_back(codes_of(*rows_->column(column)));
}

int32_t RowTable::row(std::string_view key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? -1 : found->second;
}

uint64_t RowTable::memory() const {
  return rows_->memory() + by_key_.size() * kBytesAKey + codes_.size() * rows_->rows() * sizeof(int32_t);
}

}  // namespace penstock
