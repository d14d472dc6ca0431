#include "models/features.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace penstock {
namespace {

void add(std::string name, std::vector<Feature>& out) {
  const bool present =
      std::any_of(out.begin(), out.end(), [&](const Feature& feature) { return feature.name == name; });
  if (!present)
    out.push_back({std::move(name), 1});
}

std::string shown(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Letters and digits; every byte outside ASCII is taken for part of a letter.
bool in_word(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

void add_words(const FeatureColumn& column, std::string_view value, std::vector<Feature>& out) {
  std::string word;
  for (size_t i = 0; i <= value.size(); ++i) {
    const auto c = static_cast<unsigned char>(i < value.size() ? value[i] : ' ');
    if (in_word(c)) {
      word.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    } else if (!word.empty()) {
      const uint64_t bucket = XXH64(word.data(), word.size(), 0) % static_cast<uint64_t>(column.buckets);
      add(column.name + "#" + std::to_string(bucket), out);
      word.clear();
    }
  }
}

}  // namespace

void encode_text(const FeatureColumn& column, std::string_view value, std::vector<Feature>& out) {
  if (column.kind == FeatureColumn::Kind::kText)
    return add_words(column, value, out);
  if (column.kind == FeatureColumn::Kind::kCategorical) {
    if (!value.empty())
      add(column.name + "=" + std::string(value), out);
    return;
  }
  for (size_t from = 0; from <= value.size();) {
    const size_t end = std::min(value.find(column.separator, from), value.size());
    const std::string_view part = trimmed(value.substr(from, end - from));
    if (!part.empty())
      add(column.name + "=" + std::string(part), out);
    from = end + column.separator.size();
  }
}

void encode_number(const FeatureColumn& column, double value, std::vector<Feature>& out) {
  if (!std::isfinite(value))
    return;
  if (column.kind != FeatureColumn::Kind::kBuckets)
    return add(column.name + "=" + shown(value), out);
  const auto above = std::upper_bound(column.boundaries.begin(), column.boundaries.end(), value);
  add(above == column.boundaries.end() ? column.name + ">=" + shown(column.boundaries.back())
                                       : column.name + "<" + shown(*above),
      out);
}

FeatureMatrix make_features(std::span<const std::vector<Feature>> rows) {
  FeatureMatrix out;
  std::map<std::string_view, int32_t> numbers;
  for (const std::vector<Feature>& row : rows)
    for (const Feature& feature : row)
      numbers.emplace(feature.name, 0);
  for (auto& [name, number] : numbers) {
    number = static_cast<int32_t>(out.names.size());
    out.names.emplace_back(name);
  }
  out.rows.rows = static_cast<int32_t>(rows.size());
  out.rows.columns = static_cast<int32_t>(out.names.size());
  for (const std::vector<Feature>& row : rows) {
    std::map<int32_t, float> entries;
    for (const Feature& feature : row)
      entries.emplace(numbers.at(feature.name), feature.value);
    for (const auto& [number, value] : entries) {
      out.rows.indices.push_back(number);
      out.rows.values.push_back(value);
    }
    out.rows.pointers.push_back(out.rows.entries());
  }
  return out;
}

std::vector<Feature> features_of(const FeatureMatrix& features, int32_t row) {
  std::vector<Feature> out;
  if (row >= features.rows.rows)
    return out;
  const auto names = features.rows.row_indices(row);
  const auto values = features.rows.row_values(row);
  for (size_t i = 0; i < names.size(); ++i)
    out.push_back({features.names[names[i]], values[i]});
  return out;
}

}  // namespace penstock
