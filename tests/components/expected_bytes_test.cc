// What `plan --users --items` says against what the allocator says.
#include <malloc.h>

#include <catch2/catch.hpp>
#include <functional>

#include "actors/aggregators/history.h"
#include "core/random.h"
#include "messages/batch_codec.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Expected;
using topology::Role;

size_t heap() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// What `work` leaves on the heap. 0 under a sanitizer, whose allocator does not tell.
size_t left_by(const std::function<void()>& work) {
  const size_t before = heap();
  work();
  const size_t after = heap();
  return after > before ? after - before : 0;
}

double expected(const Made& made, Expected::Kind kind, const std::string& what, const topology::Scale& scale,
                double keys) {
  const ComponentEntry& entry = component_entry(made.component.role, made.component.type);
  for (const Expected& part : entry.type.expect({made.component, made.inputs, scale, keys}))
    if (part.kind == kind && part.what == what)
      return part.bytes();
  FAIL("nothing is expected of " << what);
  return 0;
}

void check_within_a_factor_of_two(double said, size_t measured) {
  if (measured == 0) {
    WARN("skipped: this allocator does not tell what it holds");
    return;
  }
  CAPTURE(said, measured);
  CHECK(said < 2 * static_cast<double>(measured));
  CHECK(said > static_cast<double>(measured) / 2);
}

TEST_CASE("a reduce takes about the memory that is expected of it") {
  const SchemaPtr schema = test::schema({{"shop", Type::kString}, {"amount", Type::kInt64}, {"price", Type::kFloat64}});
  for (const uint64_t keys : {40'000, 100'000}) {
    const Made made(Role::kStage, "reduce",
                    "group_by: [shop]\naggregates: {n: count(*), sum: sum(amount), top: max(price), mean: avg(price)}",
                    {{"in", schema, false, {}}});
    std::unique_ptr<Aggregator> reduce;
    BatchPtr batch;
    {
      BatchBuilder builder(schema);
      for (uint64_t i = 0; i < keys; ++i) {
        builder.column(0).append_string("shop-" + std::to_string(1'000'000 + i));
        builder.column(1).append_int64(static_cast<int64_t>(i));
        builder.column(2).append_float64(1.5);
      }
      batch = builder.finish();
    }
    const size_t measured = left_by([&] {
      reduce = made.aggregator();
      test::process(*reduce, batch);
      StageOutput out;
      REQUIRE(reduce->end_epoch(out).ok());
    });
    check_within_a_factor_of_two(expected(made, Expected::Kind::kState, "groups", {}, static_cast<double>(keys)),
                                 measured);
    check_within_a_factor_of_two(static_cast<double>(reduce->memory()), measured);
  }
}

// Events of `users` users with about `items_per_user` different ones of `items` items.
BatchPtr events(const SchemaPtr& schema, uint64_t users, uint64_t items, uint64_t items_per_user) {
  BatchBuilder builder(schema);
  Random random(1);
  for (uint64_t i = 0; i < users * items_per_user; ++i) {
    builder.column(0).append_int64(static_cast<int64_t>(i % users));
    builder.column(1).append_int64(static_cast<int64_t>(random.below(items)));
  }
  return builder.finish();
}

TEST_CASE("histories take about the memory that is expected of them") {
  const SchemaPtr schema = test::schema({{"user", Type::kInt64}, {"item", Type::kInt64}});
  const Made made(Role::kModel, "popularity", "user: user\nitem: item", {{"in", schema, false, {}}});
  for (const auto& [users, items, each] :
       std::vector<std::tuple<uint64_t, uint64_t, uint64_t>>{{20'000, 20'000, 5}, {5'000, 50'000, 40}}) {
    const BatchPtr batch = events(schema, users, items, each);
    std::unique_ptr<Aggregator> history;
    const size_t measured = left_by([&] {
      history = make_history(made.context()).value();
      for (size_t from = 0; from < batch->rows(); from += 1000)
        test::process(*history, batch->slice(from, std::min<size_t>(1000, batch->rows() - from)));
      StageOutput out;
      REQUIRE(history->end_epoch(out).ok());
    });
    const topology::Scale scale{.users = users, .items = items, .items_per_user = static_cast<double>(each)};
    check_within_a_factor_of_two(expected(made, Expected::Kind::kState, "histories", scale, 0) +
                                     expected(made, Expected::Kind::kMemory, "items", scale, 0),
                                 measured);
    check_within_a_factor_of_two(static_cast<double>(history->memory()), measured);
  }
}

TEST_CASE("snapshots take about the memory that is expected of them") {
  const SchemaPtr schema = test::schema({{"user", Type::kInt64}, {"item", Type::kInt64}});
  for (const std::string type : {"als", "popularity"}) {
    const Made made(Role::kModel, type, "user: user\nitem: item", {{"in", schema, false, {}}});
    const uint64_t users = 300, items = 5'000;
    InteractionsBuilder builder;
    Random random(1);
    for (uint64_t i = 0; i < 30'000; ++i)
      builder.add({std::to_string(i % users), std::to_string(random.below(items)), 1, {}});
    const Interactions interactions = std::move(builder).build();
    class Silent final : public TrainingProgress {
      void step(size_t, size_t, const std::string&) override {}
    } progress;
    ModelSnapshotPtr snapshot;
    const ModelPtr model = made.model();
    const size_t measured = left_by([&] { snapshot = model->fit(interactions, {1, 1}, progress).value(); });
    check_within_a_factor_of_two(
        expected(made, Expected::Kind::kMemory, "snapshot", {.users = users, .items = items}, 0), measured);
    check_within_a_factor_of_two(static_cast<double>(snapshot->memory()), measured);
  }
}

TEST_CASE("rows in a log take about the bytes that are expected of them") {
  const Made made(Role::kSource, "synthetic", "users: 2000\nitems: 1000\nseed: 1\nevents: 20000", {});
  const SourcePtr source = made.source();
  REQUIRE(source->open("").ok());
  size_t bytes = 0, rows = 0;
  while (true) {
    const auto read = source->read(1 << 13);  // much at once packs better than live events do
    REQUIRE(read.ok());
    if (read->batch) {
      bytes += encode_batch(*read->batch).size();
      rows += read->batch->rows();
    }
    if (read->finished)
      break;
  }
  double said = 0;
  for (const Field& field : made.binding.output->fields())
    said += topology::stored_bytes(field.type);
  CAPTURE(rows, bytes);
  check_within_a_factor_of_two(said, bytes / rows);
}

}  // namespace
}  // namespace penstock
