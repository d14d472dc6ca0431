// Trainings that must not be, or did not come back.
#include "actors/trainers/training.h"

#include <caf/scheduler/test_coordinator.hpp>
#include <catch2/catch.hpp>

#include "actors/supervision/failure.h"
#include "actors/trainers/trainer_actor.h"
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
  taste: {type: popularity, input: shop, user: user_id, item: item_id, train_at_start: false}
)";

struct NoProgress final : TrainingProgress {
  void step(size_t, size_t, const std::string&) override {}
  bool cancelled() const override { return false; }
};

struct Fixture {
  topology::Plan plan = plan_of(kTopology);
  MemoryStore store{{.synchronous = true}};
  ManualClock clock{Timestamp{1'000'000}};
  test::RecordingMonitor monitor;
  Runtime runtime{plan, store, clock, monitor, options(), {}, {}, BatchCache(1 << 20)};

  Fixture() { REQUIRE(prepare(runtime).ok()); }
  static RuntimeOptions options() {
    RuntimeOptions options;
    options.detached = false;
    options.memory_budget = Bytes{64 << 10};
    return options;
  }
};

TEST_CASE_METHOD(Fixture, "a training that needs more memory than is left does not begin") {
  ModelServer server(&runtime, "taste");
  REQUIRE(server.load().ok());
  WriteBatch write;
  write.append("shop", Partition(0), "", 500, Timestamp{});
  REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
  runtime.memory.set("state.something", 32 << 10);
  NoProgress progress;
  const auto trained = train_model(runtime, server, progress);
  CHECK(trained.status().code() == Code::kResourceExhausted);
  CHECK(trained.status().message() ==
        "the training needs about 48.8KiB of memory, and of the 64KiB of memory_budget 32KiB are taken: raise "
        "memory_budget in settings");
  CHECK(runtime.memory.used() == 32 << 10);
}

TEST_CASE_METHOD(Fixture, "a trainer that crashes in a training is started again, and the training has failed") {
  ModelServer server(&runtime, "taste");
  REQUIRE(server.load().ok());
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("testing"));
  config.set("logger.console-verbosity", caf::atom("quiet"));
  caf::actor_system system(config);
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  Supervised supervised = supervised_trainer(&runtime, &server);
  caf::actor supervisor = system.spawn(supervisor_actor, &runtime, supervised);
  scheduler.run();
  REQUIRE(supervised.group->size() == 1);
  CHECK(runtime.board.get("trainer:taste").state == "running");

  REQUIRE(server.begin_training());
  REQUIRE(server.take_request());  // as if it had begun
  caf::anon_send(supervised.group->front(), caf::exit_msg{caf::actor_addr{}, failure("stack smashed")});
  scheduler.run();
  CHECK(runtime.board.get("trainer:taste").state == "running");
  CHECK(runtime.board.get("trainer:taste").restarts == 1);
  CHECK_FALSE(server.training());
  CHECK(server.status().state == "failed");
  CHECK(server.status().message == "the trainer crashed: stack smashed");

  caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
  scheduler.run();
  supervisor = nullptr;
  supervised.group->clear();
}

TEST_CASE_METHOD(Fixture, "a server says how its live version finds items, when it is published and now and then") {
  ModelServer server(&runtime, "taste");
  REQUIRE(server.load().ok());
  server.fold_in_new_items();
  CHECK(monitor.count("searched taste scan") == 0);
  CHECK(server.status().retrieval.method.empty());

  InteractionsBuilder interactions;
  for (int n = 0; n < 40; ++n)
    interactions.add({std::to_string(n % 7), std::to_string(n % 9), 1, {n}});
  NoProgress progress;
  const auto snapshot = server.model()->fit(std::move(interactions).build(), {.seed = 1, .threads = 1}, progress);
  REQUIRE(snapshot.ok());
  server.publish(*snapshot, ModelVersion{});
  CHECK(monitor.count("searched taste scan") == 1);
  server.fold_in_new_items();
  CHECK(monitor.count("searched taste scan") == 2);
  CHECK(server.status().retrieval.method == "scan");
  CHECK(server.status().retrieval.recall == 1);
}

}  // namespace
}  // namespace penstock::testing
