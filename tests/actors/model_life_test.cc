// Versions through their lives: what is stored, what answers, and that both agree after a new start.
#include "actors/servers/model_life.h"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "actors/make_context.h"
#include "actors/servers/model_server.h"
#include "actors/trainers/training.h"
#include "storage/memory_store.h"
#include "storage/model_file.h"
#include "tests/support/plan_of.h"
#include "tests/support/recording_monitor.h"

namespace penstock::testing {
namespace {

using enum ModelState;

constexpr const char* kTopology = R"(
name: shop
sources:
  shop: {type: synthetic, events: 10}
models:
  taste:
    type: popularity
    input: shop
    user: user_id
    item: item_id
    keep: 3
    train_every: 1h
    rollout: {mode: canary, canary: 0.5, canary_for: 1m, least_answers: 1}
)";

const std::vector<RecommendedItem> kShown = {{"i", 1, "taste", {}}};

// Who likes what, and what comes of it.
Interactions likes(const std::vector<std::string>& items) {
  InteractionsBuilder builder;
  for (size_t item = 0; item < items.size(); ++item)
    for (size_t user = 0; user <= items.size() - item; ++user)
      builder.add({"u" + std::to_string(user), items[item], 1, Timestamp{1}});
  return std::move(builder).build();
}

struct NoProgress final : TrainingProgress {
  void step(size_t, size_t, const std::string&) override {}
};

struct Node {
  topology::Plan plan = plan_of(kTopology);
  test::RecordingMonitor monitor;
  Runtime runtime;
  ModelServer server;

  Node(MemoryStore& store, const Clock& clock)
      : runtime{plan, store, clock, monitor, {}, {}, {}, BatchCache(1 << 20)}, server(&runtime, "taste") {
    REQUIRE(prepare(runtime).ok());
    REQUIRE(server.load().ok());
  }

  uint64_t add(ModelState state, const std::string& item = "i") {
    ModelVersion version;
    version.model = "taste";
    version.type = "popularity";
    version.parameters = server.model()->parameters();
    version.state = state;
    version.since = version.trained = runtime.clock.now();
    NoProgress progress;
    const auto added = server.life().add(version, *server.model()->fit(likes({item}), {}, progress));
    REQUIRE(added.ok());
    return added->version;
  }
  // `live 2 canary 3: 1:archived 2:live 3:canary`
  std::string shown() {
    const auto number = [](const ServingPtr& serving) {
      return std::to_string(serving ? serving->version().version : 0);
    };
    std::string text = "live " + number(server.serving());
    if (server.versions().trial())
      text += " trial " + number(server.versions().trial());
    text += ":";
    const std::vector<ModelVersion> versions = server.life().versions().value();
    for (const ModelVersion& version : versions)
      text += " " + std::to_string(version.version) + ":" + std::string(model_state_name(version.state));
    return text;
  }
  void answer(uint64_t by, int times, size_t history, const std::vector<RecommendedItem>& items) {
    const ServingPtr live = server.serving(), trial = server.versions().trial();
    for (int i = 0; i < times; ++i)
      server.note_answer(by == live->version().version ? *live : *trial, "u" + std::to_string(i), history, items,
                         0.001);
  }
};

struct Fixture {
  MemoryStore store{{.synchronous = true}};
  ManualClock clock{Timestamp{1'000'000}};
  Node node{store, clock};
};

TEST_CASE_METHOD(Fixture, "a rollback lets the version before answer again, and a new start agrees") {
  node.add(kLive, "a");
  node.add(kLive, "b");
  CHECK(node.server.serving()->snapshot().items() == std::vector<std::string>{"b"});
  const auto back = node.server.life().roll_back("complaints");
  CHECK(back->version == 2);
  CHECK(back->reason == "complaints");
  CHECK(node.shown() == "live 1: 1:live 2:rejected");
  CHECK(node.server.serving()->snapshot().items() == std::vector<std::string>{"a"});
  CHECK(Node(store, clock).shown() == "live 1: 1:live 2:rejected");
  CHECK(node.server.life().roll_back("").status().to_string() ==
        "failed_precondition: model \"taste\" has no version that was live before; promote another one");
}

TEST_CASE_METHOD(Fixture, "a rejected version is promoted by force alone") {
  node.add(kLive);
  node.add(kRejected);
  CHECK(node.shown() == "live 1: 1:live 2:rejected");
  CHECK(node.server.life().promote(2, kLive, false).status().code() == Code::kFailedPrecondition);
  CHECK(node.server.life().promote(2, kLive, true).ok());
  CHECK(node.shown() == "live 2: 1:archived 2:live");
  CHECK(node.server.life().promote(2, kLive, true).status().code() == Code::kAlreadyExists);
  CHECK(node.server.life().promote(2, kCanary, true).status().code() == Code::kFailedPrecondition);
  CHECK(node.server.life().promote(7, kLive, true).status().to_string() ==
        "not_found: there is no version 7 of model \"taste\"");
}

TEST_CASE_METHOD(Fixture, "a canary answers its users, lasts through a new start, and goes live") {
  node.add(kLive);
  node.add(kCanary);
  CHECK(node.shown() == "live 1 trial 2: 1:live 2:canary");
  size_t of_canary = 0;
  for (int user = 0; user < 1000; ++user)
    of_canary += node.server.serving_for(std::to_string(user))->version().version == 2;
  CHECK(of_canary == Approx(500).margin(60));
  CHECK(node.server.serving_for("")->version().version == 1);  // nobody

  Node again(store, clock);
  CHECK(again.shown() == "live 1 trial 2: 1:live 2:canary");
  CHECK(again.server.serving_for("7")->version().version == node.server.serving_for("7")->version().version);
  again.server.life().tick();
  clock.advance_micros(60'000'000);
  again.server.life().tick();
  CHECK(again.shown() == "live 1 trial 2: 1:live 2:canary");  // it has not answered yet
  again.answer(2, 1, 1, kShown);
  clock.advance_micros(2'000'000);
  again.server.life().tick();
  CHECK(again.shown() == "live 2: 1:archived 2:live");
  CHECK(again.server.life().version(2)->reason == "nothing worse in 1m as a canary: 1 answers");
  CHECK(again.server.life().version(2)->metric("canary.answers") == 1.0);
}

TEST_CASE_METHOD(Fixture, "a bad canary is rolled back before its time, with the reason") {
  node.add(kLive);
  node.add(kCanary);
  node.answer(1, 200, 3, kShown);
  node.answer(2, 100, 3, {});
  node.server.life().tick();
  CHECK(node.shown() == "live 1: 1:live 2:rejected");
  CHECK(node.server.life().version(2)->reason ==
        "answers for known users are empty: 100 % of 100 against 0 % of 200 of the live version");
  CHECK(node.server.serving_for("7")->version().version == 1);
  node.add(kCanary);
  CHECK(node.server.life().roll_back("by hand")->version == 3);  // the canary goes first
  CHECK(node.shown() == "live 1: 1:live 2:rejected 3:rejected");
}

// A version with a bug that shows when it is asked.
struct Broken final : ModelSnapshot {
  std::vector<std::string> ids = {"i"};
  const std::vector<std::string>& items() const override { return ids; }
  std::vector<ScoredItem> recommend(const ModelQuery&) const override { throw std::runtime_error("a bug"); }
  std::vector<ScoredItem> similar(int32_t, size_t, const ItemSet*) const override { return {}; }
  std::vector<float> score_all(const ModelQuery&) const override { return {}; }
  ModelSnapshotPtr with_items(std::span<const NewItem>) const override { return nullptr; }
  std::string save() const override { return {}; }
  size_t memory() const override { return 0; }
};

TEST_CASE_METHOD(Fixture, "an answer that a version cannot give counts against it") {
  node.runtime.views.set("taste", 0, make_history(make_context(node.plan.topology, "taste", clock)).value());
  node.add(kLive);
  node.add(kCanary);
  node.server.publish(std::make_shared<const Broken>(), node.server.serving()->version());
  uint64_t broken = 0;
  for (int user = 0; user < 20; ++user) {
    const std::string id = "u" + std::to_string(user);
    if (node.server.serving_for(id) != node.server.serving())
      continue;
    ++broken;
    CHECK_THROWS_WITH(node.server.recommend({.user = id, .model = "taste"}), "a bug");
  }
  CHECK(broken > 0);
  CHECK(node.server.life().watch().figures().live.failed == broken);
}

TEST_CASE_METHOD(Fixture, "old versions are dropped after a training") {
  for (int i = 0; i < 5; ++i)
    node.add(i == 0 ? kLive : kRejected);
  CHECK(node.shown() == "live 1: 1:live 3:rejected 4:rejected 5:rejected");
}

TEST_CASE_METHOD(Fixture, "a version goes to another node as a candidate, and serves there what it served here") {
  node.add(kLive, "elsewhere");
  const std::string file = node.server.life().export_version(1).value();
  MemoryStore other_store({.synchronous = true});
  Node other(other_store, clock);
  other.add(kLive, "here");
  CHECK(other.server.life().import_version(file)->reason == "imported: version 1 of \"taste\"");
  CHECK(other.shown() == "live 1: 1:live 2:candidate");
  REQUIRE(other.server.life().promote(2, kLive, false).ok());
  CHECK(other.server.serving()->snapshot().items() == std::vector<std::string>{"elsewhere"});

  ModelVersion foreign;
  foreign.type = "als";
  CHECK(other.server.life().import_version(encode_model_file(foreign, "")).status().to_string() ==
        "failed_precondition: the file holds a version of type als, and model \"taste\" is declared as popularity");
  foreign.type = "popularity";
  CHECK_FALSE(other.server.life().import_version(encode_model_file(foreign, "nonsense")).ok());
  CHECK(other.server.life().import_version("nonsense").status().code() == Code::kInvalidArgument);
  CHECK(other.shown() == "live 2: 1:archived 2:live");
}

TEST_CASE_METHOD(Fixture,
                 "a model is trained anew when its newest version is old and there are events it has not seen") {
  node.add(kLive);  // which has read nothing
  node.runtime.board.set_state("shop", "finished");
  CHECK_FALSE(awaits_training_anew(node.runtime, node.server));
  clock.advance_micros(3'600'000'000);
  CHECK_FALSE(awaits_training_anew(node.runtime, node.server));  // nothing new
  WriteBatch write;
  write.append("shop", Partition(0), "", 5, Timestamp{});
  REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
  CHECK(awaits_training_anew(node.runtime, node.server));
  Node again(store, clock);  // a new start changes nothing
  again.runtime.board.set_state("shop", "finished");
  CHECK(awaits_training_anew(again.runtime, again.server));
  again.add(kRejected);  // a training that came to nothing counts as one
  CHECK_FALSE(awaits_training_anew(again.runtime, again.server));
  again.add(kCanary);
  clock.advance_micros(3'600'000'000);
  CHECK_FALSE(awaits_training_anew(again.runtime, again.server));  // first this one's trial
}

}  // namespace
}  // namespace penstock::testing
