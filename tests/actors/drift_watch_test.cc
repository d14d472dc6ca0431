#include "actors/servers/drift_watch.h"

#include <catch2/catch.hpp>

#include "core/random.h"
#include "messages/batch_codec.h"
#include "storage/memory_store.h"
#include "tests/support/plan_of.h"
#include "tests/support/recording_monitor.h"

namespace penstock::testing {
namespace {

constexpr const char* kTopology = R"(
name: shop
sources:
  shop: {type: synthetic, events: 10}
models:
  taste: {type: popularity, input: shop, user: user_id, item: item_id, drift: {columns: [item_id, category], window: 1m}}
)";

class Fixture {
 public:
  Fixture() {
    REQUIRE(prepare(runtime).ok());
    REQUIRE(server.load().ok());
  }

  // So many rows whose items begin at `from`.
  void append(int64_t rows, int64_t from, const std::string& category) {
    const SchemaPtr schema = plan.topology.find("shop")->binding.output;
    BatchBuilder builder(schema);
    for (int64_t i = 0; i < rows; ++i)
      for (size_t column = 0; column < schema->size(); ++column) {
        const std::string& name = schema->field(column).name;
        if (name == "item_id")
          builder.column(column).append_int64(from + static_cast<int64_t>(random.below(100)));
        else if (name == "category")
          builder.column(column).append_string(category);
        else if (schema->field(column).type == Type::kString)
          builder.column(column).append_string("");
        else if (schema->field(column).type == Type::kFloat64)
          builder.column(column).append_float64(0);
        else
          builder.column(column).append_int64(0);
      }
    WriteBatch write;
    write.append("shop", Partition(0), encode_batch(*builder.finish()), static_cast<uint32_t>(rows), clock.now());
    REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
    appended += static_cast<uint64_t>(rows);
  }
  void publish(uint64_t version) {
    InteractionsBuilder builder;
    builder.add({"u", "i", 1, {}});
    struct NoProgress final : TrainingProgress {
      void step(size_t, size_t, const std::string&) override {}
    } progress;
    ModelVersion of;
    of.version = version;
    of.read_to = {{"shop/0", appended}};
    server.publish(server.model()->fit(std::move(builder).build(), {}, progress).value(), of);
  }
  std::vector<DriftFigures> figures() {
    REQUIRE(watch.refresh(clock.now()).ok());
    return watch.figures();
  }

  topology::Plan plan = plan_of(kTopology);
  MemoryStore store{{.synchronous = true}};
  ManualClock clock{Timestamp{1'000'000'000}};
  test::RecordingMonitor monitor;
  Runtime runtime{plan, store, clock, monitor, options(), {}, {}, BatchCache(1 << 20)};
  ModelServer server{&runtime, "taste"};
  DriftWatch watch{&runtime, &server};
  Random random{4};
  uint64_t appended = 0;

 private:
  static RuntimeOptions options() {
    RuntimeOptions options;
    options.detached = false;
    return options;
  }
};

TEST_CASE_METHOD(Fixture, "what comes as it came before has not drifted, and what does not has") {
  append(5'000, 0, "food");
  CHECK(figures().empty());  // nothing is trained
  publish(1);
  append(1'000, 0, "food");
  auto now = figures();
  REQUIRE(now.size() == 2);
  CHECK(now[0].column == "item_id");
  CHECK(now[0].values == 1'000);
  CHECK(now[0].psi < 0.1);
  CHECK(now[1].jensen_shannon == 0);

  append(1'000, 1'000, "shoes");
  now = figures();
  CHECK(now[0].values == 2'000);
  CHECK(now[0].psi > 0.25);
  CHECK(now[1].column == "category");
  CHECK(now[1].jensen_shannon > 0.4);

  publish(2);  // has learnt all of that
  append(1'000, 0, "food");
  CHECK(figures()[0].values == 1'000);
}

TEST_CASE_METHOD(Fixture, "rows that come in smaller batches than others weigh as much as they do") {
  const auto come = [&](int times) {
    for (int i = 0; i < times; ++i) {
      append(1, 0, "food");
      append(9, 0, "shoes");
    }
  };
  come(500);
  publish(1);
  come(200);
  CHECK(figures()[1].psi < 0.02);
}

TEST_CASE_METHOD(Fixture, "rows that are older than the window count no more") {
  append(100, 0, "food");
  publish(1);
  append(50, 0, "food");
  CHECK(figures()[0].values == 50);
  clock.advance_micros(61'000'000);
  append(20, 0, "food");
  CHECK(figures()[0].values == 20);
}

}  // namespace
}  // namespace penstock::testing
