// What the tests of single aggregates share: values aggregated in one go, or divided at random, encoded and merged.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "core/random.h"
#include "sql/aggregate.h"
#include "tests/sql/evaluate.h"

namespace penstock::sql {

inline AggregateCall compiled(const std::string& text) {
  auto call = AggregateCall::compile(text, test_schema());
  INFO(text << ": " << (call.ok() ? "" : call.problem().message));
  REQUIRE(call.ok());
  return *call;
}

inline std::string result_of(const AggregateCall& call, const AggregateStates& states) {
  ColumnBuilder out(call.type());
  states.append_result(0, out);
  return out.finish()->to_string(0);
}

/// The rows' values go into one group; `order` is the second argument.
inline std::string aggregate(const std::string& text, ColumnPtr values, ColumnPtr order = nullptr) {
  const AggregateCall call = compiled(text);
  const auto states = call.make_states();
  states->resize(1);
  const size_t rows = values->size();
  for (const RowError& error :
       states->update({rows, std::move(values), std::move(order), {}, {}}, std::vector<uint32_t>(rows)))
    return "!" + error.message;
  return result_of(call, *states);
}

/// The same with the rows shuffled and divided among `parts` states, which are encoded and merged one after the other.
inline std::string aggregate_divided(const std::string& text, const ColumnPtr& values, const ColumnPtr& order,
                                     size_t parts, Random& random) {
  const AggregateCall call = compiled(text);
  std::vector<std::vector<uint32_t>> rows(parts);
  std::vector<uint32_t> shuffled(values->size());
  for (uint32_t i = 0; i < shuffled.size(); ++i) {
    shuffled[i] = i;
    std::swap(shuffled[i], shuffled[random.below(i + 1)]);
  }
  for (const uint32_t row : shuffled)
    rows[random.below(parts)].push_back(row);
  const auto merged = call.make_states();
  merged->resize(1);
  for (const auto& part : rows) {
    const auto states = call.make_states();
    states->resize(1);
    states->update({part.size(), values->gather(part), order ? order->gather(part) : nullptr, {}, {}},
                   std::vector<uint32_t>(part.size()));
    std::string bytes;
    states->encode(0, bytes);
    std::string_view rest = bytes;
    CHECK(merged->merge(0, rest).ok());
    CHECK(rest.empty());
  }
  return result_of(call, *merged);
}

}  // namespace penstock::sql
