// Small helpers of this room's tests: schemas and batches in one line, and random ones for comparisons.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "messages/record_batch.h"

namespace penstock::testing {

inline SchemaPtr schema(std::vector<Field> fields) { return std::make_shared<const Schema>(std::move(fields)); }

/// A column with every sixth value or so null (if `nulls`), of values that are hard on codecs.
inline ColumnPtr random_column(Type type, size_t rows, bool nulls, Random& random) {
  static const std::vector<std::string> kTexts = {"",
                                                  "a",
                                                  "view",
                                                  "purchase",
                                                  std::string("z\0z", 3),
                                                  "ÄÖü€",
                                                  "\xf0\x9f\x8d\x95",
                                                  "line\nend",
                                                  "say \"hi\"",
                                                  std::string(300, 'x')};
  static const std::vector<std::string> kJson = {"{}",    "[1,2,3]",  R"({"a":{"b":[null,true]}})",
                                                 "12.50", "\"text\"", "false"};
  ColumnBuilder builder(type);
  const uint64_t style = random.below(4);
  int64_t walk = 1'700'000'000'000'000;
  for (size_t i = 0; i < rows; ++i) {
    walk += static_cast<int64_t>(random.below(5'000'000));
    if (nulls && random.below(6) == 0) {
      builder.append_null();
      continue;
    }
    switch (type) {
      case Type::kBool: builder.append_bool(random.below(2) == 1); break;
      case Type::kInt64:
      case Type::kTimestamp:
        if (style == 0)
          builder.append_int64(static_cast<int64_t>(random()));
        else if (style == 1)
          builder.append_int64(walk);
        else
          builder.append_int64(static_cast<int64_t>(random.below(style == 2 ? 2 : 100'000)) - 50);
        break;
      case Type::kFloat64:
        if (style == 0)
          builder.append_float64(random.normal() * 1e10);
        else
          builder.append_float64(static_cast<double>(random.below(10'000)) / (style == 1 ? 1 : 100) *
                                 (style == 3 ? -1 : 1));
        break;
      case Type::kString:
        if (style == 0)
          builder.append_string(std::to_string(random()));
        else
          builder.append_string(kTexts[random.below(kTexts.size())]);
        break;
      case Type::kJson: builder.append_string(kJson[random.below(kJson.size())]); break;
    }
  }
  return builder.finish();
}

inline const std::vector<Type>& all_types() {
  static const std::vector<Type> kTypes = {Type::kBool,   Type::kInt64,     Type::kFloat64,
                                           Type::kString, Type::kTimestamp, Type::kJson};
  return kTypes;
}

/// One column of each type, twice: without and with nulls.
inline BatchPtr random_batch(size_t rows, Random& random) {
  std::vector<Field> fields;
  std::vector<ColumnPtr> columns;
  for (const Type type : all_types())
    for (const bool nulls : {false, true}) {
      fields.push_back({std::string(type_name(type)) + (nulls ? "_or_null" : ""), type, !nulls});
      columns.push_back(random_column(type, rows, nulls, random));
    }
  return RecordBatch::make(schema(std::move(fields)), std::move(columns));
}

}  // namespace penstock::testing
