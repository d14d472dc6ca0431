// Compares rows that a test expects with those that are there. Pure.
#pragma once

#include <string>
#include <vector>

#include "messages/record_batch.h"
#include "topology/tests.h"

namespace penstock {

/// One thing that a test expected and that is not so.
struct TestDifference {
  topology::Place place;
  std::string what;                  // `failures: 2 of 3 rows are there`
  std::vector<std::string> missing;  // expected rows that are not there, as JSON
  std::vector<std::string>
      unwanted;  // rows that are there and were not expected, as JSON of the columns that are compared
};

/// Nothing, or how `rows` differ from the expectation; rows are compared in any order, each with one other, by the columns
/// that the expected row names. Numbers with decimals are equal to 9 digits; a dead letter's reason is equal if it holds the
/// expected text. `rows` may be null: there are none.
std::vector<TestDifference> match_rows(const topology::ExpectedRows& expectation, const BatchPtr& rows);

}  // namespace penstock
