#include "actors/servers/live_evaluation.h"

#include <catch2/catch.hpp>

#include "actors/make_context.h"
#include "messages/json_lines.h"
#include "models/popularity.h"
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
  taste: {type: popularity, input: shop, user: user_id, item: item_id, prequential: {sample: 20, window: 1m}}
  quiet: {type: popularity, input: shop, user: user_id, item: item_id, prequential: {sample: 0}}
)";

class Fixture {
 public:
  Fixture() {
    REQUIRE(prepare(runtime).ok());
    for (const char* id : {"taste", "quiet"}) {
      models.push_back(std::make_unique<ModelServer>(&runtime, id));
      REQUIRE(models.back()->load().ok());
      histories.emplace_back(std::move(make_history(make_context(plan.topology, id, clock))).value());
      runtime.views.set(id, 0, histories.back());
    }
    live.start(models);
  }

  // Items 1, 2, ... with fewer and fewer users.
  void train(uint64_t version) {
    InteractionsBuilder builder;
    for (int item = 1; item <= 20; ++item)
      for (int user = 0; user < 40 - item; ++user)
        builder.add({"old" + std::to_string(user), std::to_string(item), 1, {}});
    struct NoProgress final : TrainingProgress {
      void step(size_t, size_t, const std::string&) override {}
    } progress;
    const auto snapshot = models[0]->model()->fit(std::move(builder).build(), {}, progress);
    REQUIRE(snapshot.ok());
    ModelVersion of;
    of.version = version;
    of.trained = clock.now();
    models[0]->publish(*snapshot, of);
    models[1]->publish(*snapshot, of);
  }

  void see(int64_t user, int64_t item, Timestamp ingested) {
    const SchemaPtr schema = plan.topology.find("shop")->binding.output;
    BatchBuilder rows(schema);
    for (size_t column = 0; column < schema->size(); ++column) {
      const std::string& name = schema->field(column).name;
      if (name == "user_id")
        rows.column(column).append_int64(user);
      else if (name == "item_id")
        rows.column(column).append_int64(item);
      else if (schema->field(column).type == Type::kString)
        rows.column(column).append_string("");
      else if (schema->field(column).type == Type::kFloat64)
        rows.column(column).append_float64(0);
      else
        rows.column(column).append_int64(0);
    }
    StageOutput out;
    const BatchPtr batch = rows.finish()->with_origin({Partition(0), Offset(0), ingested, nullptr});
    for (const auto& history : histories)
      REQUIRE(history->process(batch, out).ok());
  }
  void see(int64_t user, int64_t item) { see(user, item, clock.now()); }
  void settle() {
    clock.advance_micros(100'000);
    for (int i = 0; i < 50; ++i)
      (void)live.step();
  }
  std::string figures(const std::string& model = "taste") const {
    std::string out;
    for (const LiveFigures& each : live.figures(model)) {
      out += "v" + std::to_string(each.version) + " " + each.segment + " " + std::to_string(each.events);
      for (const auto& [name, value] : each.metrics)
        out += " " + name + "=" + std::to_string(value).substr(0, 5);
      out += "\n";
    }
    return out;
  }

  topology::Plan plan = plan_of(kTopology);
  MemoryStore store{{.synchronous = true}};
  ManualClock clock{Timestamp{1'000'000'000}};
  test::RecordingMonitor monitor;
  Runtime runtime{plan, store, clock, monitor, options(), {}, {}, BatchCache(1 << 20)};
  std::vector<std::unique_ptr<ModelServer>> models;
  std::vector<std::shared_ptr<Aggregator>> histories;
  LiveEvaluation live{&runtime};

 private:
  static RuntimeOptions options() {
    RuntimeOptions options;
    options.detached = false;
    return options;
  }
};

TEST_CASE_METHOD(Fixture, "each live event is foretold from what the user had done before it") {
  settle();
  see(1, 2);  // nothing serves yet
  train(7);
  settle();
  see(1, 3);  // items 1, 2, 3 lead; 2 is the user's own already
  settle();
  CHECK_THAT(figures(),
             Catch::StartsWith("v7 all 1 hr@10=1.000 ndcg@10=0.630 auc=0.944 precision@10=0.100 recall@10=1.000\n"));
  see(1, 20);
  settle();
  see(1, 3);  // has it already
  settle();
  CHECK_THAT(figures(), Catch::StartsWith("v7 all 2 hr@10=0.500"));
  CHECK_THAT(figures(), Catch::Contains("cold 2") && !Catch::Contains("warm"));
}

TEST_CASE_METHOD(Fixture, "what the version may have learnt is not foretold") {
  see(1, 2);
  const Timestamp before = clock.now();
  clock.advance_micros(1'000'000);
  train(1);
  settle();
  see(1, 3, before);
  settle();
  CHECK(figures().empty());
}

TEST_CASE_METHOD(Fixture, "a user who is new is foretold too, and an item that is new counts as missed") {
  train(1);
  settle();
  see(5, 1);
  settle();
  see(5, 999);
  settle();
  CHECK_THAT(figures(), Catch::StartsWith("v1 all 2 "));
}

TEST_CASE_METHOD(Fixture, "no more events are looked at than declared, and old ones leave the window") {
  train(1);
  settle();
  for (int64_t item = 1; item <= 20; ++item)
    see(3, item);
  settle();
  CHECK_THAT(figures(), Catch::StartsWith("v1 all 2 "));
  CHECK(figures("quiet").empty());
  clock.advance_micros(61'000'000);
  settle();
  CHECK(figures().empty());
}

TEST_CASE_METHOD(Fixture, "figures are told as metrics") {
  train(1);
  settle();
  see(1, 3);
  settle();
  const size_t before = monitor.events().size();
  live.tell();
  CHECK(monitor.events().size() == before + 15);  // five metrics of the segments all, cold and head or tail
}

}  // namespace
}  // namespace penstock::testing
