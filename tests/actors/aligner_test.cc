#include "actors/regions/aligner.h"

#include <catch2/catch.hpp>

#include "core/random.h"

using namespace penstock;

namespace {

BatchPtr row(int64_t value) {
  static const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"n", Type::kInt64, true}});
  return RecordBatch::make(schema, {Column::int64s({value})});
}

// Steps as a short string: `1 2 |1 3 |2`, where `|e` ends epoch e.
std::string render(const std::vector<Aligner::Step>& steps) {
  std::string out;
  for (const auto& step : steps)
    out += (out.empty() ? "" : " ") +
           (step.batch ? std::to_string(step.batch->column(0)->int64s()[0]) : "|" + std::to_string(step.epoch.value()));
  return out;
}

}  // namespace

TEST_CASE("aligner passes a single input straight through") {
  Aligner aligner(1);
  CHECK(render(aligner.on_batch(0, row(1))) == "1");
  CHECK(render(aligner.on_marker(0, Epoch(1))) == "|1");
  CHECK(render(aligner.on_batch(0, row(2))) == "2");
}

TEST_CASE("aligner ends an epoch when all inputs have ended it") {
  Aligner aligner(2);
  CHECK(render(aligner.on_marker(0, Epoch(1))) == "");
  CHECK(render(aligner.on_batch(1, row(7))) == "7");
  CHECK(render(aligner.on_marker(1, Epoch(1))) == "|1");
}

TEST_CASE("aligner holds back rows of an input that is ahead") {
  Aligner aligner(2);
  aligner.on_marker(0, Epoch(1));
  CHECK(render(aligner.on_batch(0, row(1))) == "");
  CHECK(aligner.held_batches() == 1);
  CHECK(render(aligner.on_batch(1, row(2))) == "2");
  CHECK(render(aligner.on_marker(1, Epoch(1))) == "|1 1");
  CHECK(aligner.held_batches() == 0);
}

TEST_CASE("aligner ends several epochs at once when the slow input catches up") {
  Aligner aligner(2);
  aligner.on_marker(0, Epoch(1));
  aligner.on_batch(0, row(1));
  aligner.on_marker(0, Epoch(2));
  aligner.on_batch(0, row(2));
  CHECK(render(aligner.on_marker(1, Epoch(1))) == "|1 1");
  CHECK(render(aligner.on_marker(1, Epoch(2))) == "|2 2");
}

TEST_CASE("aligner keeps every epoch's rows together whatever the interleaving") {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    constexpr int kInputs = 3, kEpochs = 4;
    // Each input sends, for each epoch, a few rows numbered by the epoch, then the marker.
    std::vector<std::vector<int>> queues(kInputs);  // >0: row of that epoch; <0: marker of that epoch
    for (auto& queue : queues)
      for (int epoch = 1; epoch <= kEpochs; ++epoch) {
        queue.insert(queue.end(), random.below(4), epoch);
        queue.push_back(-epoch);
      }
    Aligner aligner(kInputs);
    std::vector<size_t> next(kInputs, 0);
    int epoch = 1;
    size_t rows = 0, expected_rows = 0;
    for (const auto& queue : queues)
      expected_rows += queue.size() - kEpochs;
    for (;;) {
      std::vector<uint32_t> open;
      for (uint32_t i = 0; i < kInputs; ++i)
        if (next[i] < queues[i].size())
          open.push_back(i);
      if (open.empty())
        break;
      const uint32_t input = open[random.below(open.size())];
      const int item = queues[input][next[input]++];
      const auto steps = item > 0 ? aligner.on_batch(input, row(item)) : aligner.on_marker(input, Epoch(-item));
      for (const auto& step : steps) {
        if (step.batch) {
          ++rows;
          REQUIRE(step.batch->column(0)->int64s()[0] == epoch);
        } else {
          REQUIRE(step.epoch.value() == static_cast<uint64_t>(epoch++));
        }
      }
    }
    CHECK(rows == expected_rows);
    CHECK(epoch == kEpochs + 1);
  }
}
