// Whether a new version passes, and on what the live one is measured.
#include "actors/trainers/gate.h"

#include <catch2/catch.hpp>

#include "models/registry.h"

namespace penstock::testing {
namespace {

struct NoProgress final : TrainingProgress {
  void step(size_t, size_t, const std::string&) override { ++steps; }
  size_t steps = 0;
};

// Two groups of users, each with items of its own; user u and item i as long as they are in one group. Popularity cannot
// tell the groups apart, als can.
EventLog groups(int users, int items) {
  EventLog log;
  for (int round = 0; round < items; ++round)
    for (int user = 0; user < users; ++user) {
      const int item = (round * 7 + user * 3) % items;
      if (item % 2 == user % 2)
        log.add({"u" + std::to_string(user), "i" + std::to_string(item), 1, Timestamp{round * 100 + user}});
    }
  return log;
}

ModelPtr model(const std::string& type, const ParameterValues& parameters) {
  return make_model(type, parameters).value();
}

struct Measured {
  std::string how;
  double own = 0, live = 0;
};

// The live version is trained on the whole, or on what came before the hold-out.
Measured measure_against(const ModelPtr& live_model, bool saw_all, const ModelPtr& candidate) {
  const SplitData data = split(groups(60, 40), {.binarise = false, .held_out_share = 0.2}).value();
  NoProgress progress;
  const EvaluateOptions options{.cutoffs = {10}, .baselines = false};
  const EvaluationReport report = evaluate(*candidate, data, options, progress).value();
  ModelVersion served, version;
  served.version = 4;
  served.type = live_model->type();
  served.parameters = live_model->parameters();
  served.seed = version.seed = 1;
  served.last_event = saw_all ? Timestamp{INT64_MAX} : Timestamp{data.held_out_from.micros - 1};
  version.type = candidate->type();
  version.parameters = candidate->parameters();
  EventLog::Numbered all = groups(60, 40).numbered();
  const Interactions whole = make_interactions(std::move(all.users), std::move(all.items), all.events);
  const ModelSnapshotPtr snapshot = live_model->fit(saw_all ? whole : data.train, {}, progress).value();
  const Serving live(snapshot, snapshot, 0, served);
  Measured out;
  out.how = measure_live(live, version, report.models.front(), data, options, progress, version.metrics).value();
  out.own = report.models.front().value("ndcg@10");
  out.live = version.metric("live.ndcg@10").value();
  return out;
}

const ParameterValues kGood = {{"factors", "8"}};
const ParameterValues kHopeless = {{"factors", "1"}, {"regularization", "100000"}};

TEST_CASE("a version passes unless it is worse by more than the margin, and says so") {
  CHECK(compare({}, 0.30, 0.30, 4, "as it is").reason == "ndcg@10 0.3000 against 0.3000 of version 4, as it is");
  CHECK(compare({}, 0.295, 0.30, 4, "").passed);
  const GateVerdict worse = compare({}, 0.2939, 0.30, 4, "as it is");
  CHECK_FALSE(worse.passed);
  CHECK(worse.reason == "ndcg@10 0.2939 against 0.3000 of version 4, as it is: worse by more than the gate's margin");
  CHECK(compare({"auc", 1}, 0, 0.9, 4, "").passed);  // a margin of 1 lets all pass
  CHECK_FALSE(compare({}, std::nan(""), 0.30, 4, "").passed);
  CHECK(compare({}, 0.1, std::nullopt, 4, "no model any more").passed);
}

TEST_CASE("a live version that has not seen the hold-out is measured as it is") {
  const Measured measured = measure_against(model("als", kGood), false, model("als", kHopeless));
  CHECK(measured.how == "as it is");
  CHECK(measured.own < 0.9 * measured.live);
}

TEST_CASE("a live version that has seen the hold-out is fitted without it") {
  const Measured leaks = measure_against(model("als", kGood), true, model("als", kHopeless));
  CHECK(leaks.how == "fitted anew without the hold-out, which it has seen");
  CHECK(leaks.live == Approx(measure_against(model("als", kGood), false, model("als", kHopeless)).live));
  CHECK(leaks.own < 0.9 * leaks.live);
}

TEST_CASE("the same parameters are measured once") {
  const Measured same = measure_against(model("als", kGood), true, model("als", kGood));
  CHECK(same.how == "which has the same parameters");
  CHECK(same.own == same.live);
}

TEST_CASE("versions of different types are compared") {
  const Measured measured = measure_against(model("popularity", {}), true, model("als", kGood));
  CHECK(measured.how == "fitted anew without the hold-out, which it has seen");
  CHECK(measured.own > measured.live);
}

}  // namespace
}  // namespace penstock::testing
