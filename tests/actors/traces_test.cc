#include "actors/regions/traces.h"

#include <catch2/catch.hpp>

using namespace penstock;

namespace {

const TraceId kTrace = trace_named("a client's");

BatchPtr rows(uint64_t first, size_t count) {
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"n", Type::kInt64, false}});
  BatchBuilder builder(schema);
  for (size_t i = 0; i < count; ++i)
    builder.column(0).append_int64(static_cast<int64_t>(i));
  return builder.finish()->with_origin({Partition(0), Offset(first), Timestamp{7}, nullptr});
}

// `0:shop/0/10 5:shop/0/15`: row of the batch and record.
std::string shown(const std::vector<Traces::Row>& found) {
  std::string out;
  for (const auto& [row, record] : found)
    out += (out.empty() ? "" : " ") + std::to_string(row) + ":" + record.record();
  return out;
}

Traces::Learnt learnt(const std::string& model, uint64_t offset) {
  return {{kTrace, {}, "shop", Partition(0), Offset(offset), {}}, model, {}};
}

std::string models(const std::vector<Traces::Learnt>& answered) {
  std::string out;
  for (const Traces::Learnt& each : answered)
    out += each.model + "/" + std::to_string(each.record.offset.value()) + "#" + std::to_string(each.answers) + " ";
  return out;
}

}  // namespace

TEST_CASE("without a rule and without requests nothing is followed") {
  Traces traces({});
  traces.open("store", {"shop"});
  CHECK_FALSE(traces.any());
  CHECK_FALSE(traces.requests());
  CHECK(shown(traces.in("shop", *rows(0, 100))).empty());
}

TEST_CASE("records of a source are followed by their offset, the same ones in any batch") {
  Traces traces({true, 10});
  traces.open("store", {"shop"});
  CHECK(traces.any());
  CHECK(shown(traces.in("shop", *rows(0, 25))) == "0:shop/0/0 10:shop/0/10 20:shop/0/20");
  CHECK(shown(traces.in("shop", *rows(11, 20))) == "9:shop/0/20 19:shop/0/30");
  CHECK(shown(traces.in("shop", *rows(11, 9))).empty());
  CHECK(shown(traces.in("held", *rows(0, 25))).empty());  // no source
  CHECK(traces.in("shop", *rows(5, 10)).front().record.trace == traces.in("shop", *rows(10, 1)).front().record.trace);
  CHECK(traces.in("shop", *rows(10, 1)).front().record.begun == Timestamp{7});
}

TEST_CASE("two stores' records are in different traces") {
  Traces one({true, 1}), other({true, 1});
  one.open("a", {"shop"});
  other.open("b", {"shop"});
  CHECK_FALSE(one.in("shop", *rows(0, 1)).front().record.trace == other.in("shop", *rows(0, 1)).front().record.trace);
}

TEST_CASE("followed rows are found behind a filter, and once for each row that one became") {
  Traces traces({true, 10});
  traces.open("store", {"shop"});
  const BatchPtr filtered = rows(0, 30)->select({3, 10, 19, 20});
  CHECK(shown(traces.in("shop", *filtered)) == "1:shop/0/10 3:shop/0/20");
  CHECK(shown(traces.in("shop", *filtered->compact())) == "1:shop/0/10 3:shop/0/20");
  Origin exploded = *rows(0, 1)->origin();
  exploded.offsets = std::make_shared<const std::vector<uint64_t>>(std::vector<uint64_t>{9, 10, 10, 11});
  CHECK(shown(traces.in("shop", *rows(0, 4)->with_origin(exploded))) == "1:shop/0/10 2:shop/0/10");
}

TEST_CASE("a client's record is followed under its own trace, until it is forgotten") {
  Traces traces({true, 0});
  traces.open("store", {"shop"});
  CHECK_FALSE(traces.any());
  const TracedRecord record = traces.follow(kTrace, "shop", Partition(0), Offset(12), Timestamp{5});
  CHECK(traces.any());
  const auto found = traces.in("shop", *rows(10, 5));
  CHECK(shown(found) == "2:shop/0/12");
  CHECK(found.front().record.trace == kTrace);
  CHECK(found.front().record.span == record.span);
  CHECK(found.front().record.begun == Timestamp{5});
  CHECK(traces.among("shop", Partition(1), Offset(10), 5, {}).empty());
  traces.forget(record);
  CHECK_FALSE(traces.any());
  CHECK(shown(traces.in("shop", *rows(10, 5))).empty());
}

TEST_CASE("a client's trace comes before that of the offset") {
  Traces traces({true, 10});
  traces.open("store", {"shop"});
  traces.follow(kTrace, "shop", Partition(0), Offset(10), {});
  CHECK(traces.in("shop", *rows(10, 1)).front().record.trace == kTrace);
}

TEST_CASE("only the newest places are kept") {
  Traces traces({true, 0});
  for (uint64_t offset = 0; offset < Traces::kMostPlaces + 10; ++offset)
    traces.follow(kTrace, "shop", Partition(0), Offset(offset), {});
  CHECK(traces.in("shop", *rows(0, Traces::kMostPlaces + 10)).size() == Traces::kMostPlaces);
  CHECK(shown(traces.in("shop", *rows(0, 10))).empty());
}

TEST_CASE("the first answers after a record was learnt are told, of each model") {
  Traces traces({true, 0});
  CHECK_FALSE(traces.awaits_answers());
  traces.learnt("ann", learnt("taste", 1));
  traces.learnt("ann", learnt("taste", 1));  // its region read it again
  traces.learnt("ann", learnt("neighbours", 1));
  CHECK(traces.awaits_answers());
  CHECK(models(traces.answered("bob")).empty());
  CHECK(models(traces.answered("ann")) == "taste/1#1 neighbours/1#1 ");
  CHECK(models(traces.answered("ann")) == "taste/1#2 neighbours/1#2 ");
  CHECK(models(traces.answered("ann")) == "taste/1#3 neighbours/1#3 ");
  CHECK(models(traces.answered("ann")).empty());
  CHECK_FALSE(traces.awaits_answers());
}

TEST_CASE("a version is made of the learnt records before the offsets it has read, which is told once") {
  Traces traces({true, 0});
  for (const uint64_t offset : {1, 5, 5, 9})
    traces.learnt("ann", learnt("taste", offset));
  traces.learnt("ann", learnt("other", 1));
  const auto shown_places = [&](const std::vector<std::pair<std::string, uint64_t>>& read_to) {
    std::string out;
    for (const TracedRecord& record : traces.trained("taste", read_to))
      out += record.record() + " ";
    return out;
  };
  CHECK(shown_places({{"shop/1", 100}, {"shop/0", 1}}).empty());
  CHECK(shown_places({{"shop/0", 9}}) == "shop/0/1 shop/0/5 ");
  CHECK(shown_places({{"shop/0", 10}}) == "shop/0/9 ");
  CHECK(shown_places({{"shop/0", 100}}).empty());
}

TEST_CASE("of too many records that wait for an answer the oldest are forgotten") {
  Traces traces({true, 0});
  for (uint64_t i = 0; i < Traces::kMostWaiting + 1; ++i)
    traces.learnt("user" + std::to_string(i / 2), learnt("taste", i));
  CHECK(models(traces.answered("user0")) == "taste/1#1 ");
  CHECK(models(traces.answered("user1")) == "taste/2#1 taste/3#1 ");
}
