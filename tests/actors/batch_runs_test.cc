// Views recomputed over history while they go on, whatever dies meanwhile.
#include "core/fault_points.h"
#include "tests/actors/batch_fixture.h"

using namespace penstock;
using test::BatchFixture;
using test::sales_topology;

namespace {

// So small that everything spills: several shards, runs, blocks and parts from a few thousand records.
BatchLimits small(uint32_t workers) {
  BatchLimits limits;
  limits.workers = workers;
  limits.shard_records = 300;
  limits.memory = 20'000;
  limits.write_bytes = 3000;
  limits.compared_keys = 60;
  limits.patience = Duration{1'000'000};
  return limits;
}

}  // namespace

TEST_CASE("a view is made of history and what comes meanwhile, at any number of workers") {
  for (const int view_workers : {1, 2, 3})
    for (const uint32_t workers : {1U, 3U}) {
      BatchFixture it(7, sales_topology(view_workers), small(workers));
      for (int i = 0; i < 40; ++i)
        it.append(50, 200);
      it.read_on();
      const std::string before = it.view();
      CHECK(before == it.counted());
      const auto id = it.runs().start({.view = "sales"}, {});
      REQUIRE(id.ok());
      it.epoch(1);
      for (int i = 0; i < 10; ++i) {
        it.append(50, 250);
        it.epoch(1);
        it.step(0);
      }
      const BatchRunStatus status = it.finish(*id);
      CHECK(status.state == "done");
      CHECK(status.message == "");
      CHECK(status.version == 1);
      CHECK(status.records == 2000);
      CHECK(status.records_done == 2000);
      it.read_on();
      CHECK(it.view() == it.counted());
      it.start_region();  // from what is stored
      CHECK(it.view() == it.counted());
      it.clean_up();
      CHECK(it.leftovers({"sales", "batch.sales-1"}) == 0);
      CHECK(it.leftovers({"sales#1"}) > 0);
    }
}

TEST_CASE("history and view agree, and nothing changes by asking") {
  BatchFixture it(8, sales_topology(2), small(2));
  for (int i = 0; i < 30; ++i)
    it.append(40, 100);
  it.read_on();
  const auto id = it.runs().start({.view = "sales", .purpose = BatchPurpose::kReconcile}, {});
  REQUIRE(id.ok());
  it.epoch(1);
  it.append(40, 120);
  it.epoch(4);
  const BatchRunStatus status = it.finish(*id);
  CHECK(status.state == "done");
  CHECK(status.differences == 0);
  CHECK(status.keys > 100);
  CHECK(status.version == 0);
  it.read_on();
  CHECK(it.view() == it.counted());
  it.clean_up();
  CHECK(it.leftovers({"sales#1", "batch.sales-1"}) == 0);
  CHECK(it.leftovers({"sales"}) > 0);
}

TEST_CASE("a changed definition shows when view and history are compared, and landing mends it") {
  BatchFixture it(9, sales_topology(2), small(2));
  for (int i = 0; i < 30; ++i)
    it.append(40, 60);
  it.read_on();
  const std::string before = it.view();
  it.change(sales_topology(2, "amount <> 5"));
  const BatchRunStatus compared = it.run(BatchPurpose::kReconcile);
  CHECK(compared.state == "done");
  CHECK(compared.differences > 20);
  CHECK(compared.first_differences.size() == 20);
  CHECK(compared.first_differences.front().history != compared.first_differences.front().view);
  CHECK(it.view() == before);
  const BatchRunStatus landed = it.run(BatchPurpose::kLand);
  CHECK(landed.version == 2);
  CHECK(it.view() != before);
  CHECK(it.run(BatchPurpose::kReconcile).differences == 0);
}

TEST_CASE("a run that is cancelled or fails has changed nothing") {
  BatchFixture it(10, sales_topology(1), small(2));
  for (int i = 0; i < 30; ++i)
    it.append(40, 60);
  it.read_on();
  const auto id = it.runs().start({.view = "sales"}, {});
  REQUIRE(id.ok());
  CHECK(it.runs().start({.view = "sales"}, {}).status().code() == Code::kAlreadyExists);
  it.epoch(1);
  it.step(0);
  REQUIRE(it.runs().cancel(*id).ok());
  CHECK(it.runs().run(*id)->state == "cancelled");
  it.epoch(1);
  CHECK(it.view() == it.counted());
  it.clean_up();
  CHECK(it.leftovers({"sales#1", "batch.sales-1"}) == 0);

  REQUIRE(set_faults("batch.map:fail", 1).ok());
  const BatchRunStatus failed = it.run(BatchPurpose::kLand);
  clear_faults();
  CHECK(failed.state == "failed");
  CHECK(failed.message.find("a task failed 5 times; the last time: ") == 0);
  CHECK(it.view() == it.counted());
  CHECK(it.run(BatchPurpose::kLand).version == 3);
  CHECK(it.view() == it.counted());
}

TEST_CASE("a task of a worker that hangs is done by another") {
  BatchFixture it(11, sales_topology(1), small(2));
  for (int i = 0; i < 30; ++i)
    it.append(40, 60);
  it.read_on();
  const auto id = it.runs().start({.view = "sales"}, {});
  REQUIRE(id.ok());
  it.epoch(1);
  it.step(1);  // has begun, and hangs
  for (int i = 0; i < 400; ++i)
    it.step(0);
  CHECK(it.runs().run(*id)->state == "mapping");
  it.clock().advance_micros(1'000'001);
  for (int i = 0; i < 400; ++i)
    it.step(0);
  CHECK(it.runs().run(*id)->state == "landing");
  it.step(1);  // what it does now is not wanted any more
  CHECK(it.finish(*id).retries == 1);
  CHECK(it.view() == it.counted());
}

TEST_CASE("whatever dies and whenever, the view is what history and the live records say") {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    Random dice(seed + 1000);
    BatchFixture it(seed, sales_topology(1 + static_cast<int>(seed % 3)), small(1 + static_cast<uint32_t>(seed % 4)));
    for (int i = 0; i < 20; ++i)
      it.append(1 + dice.below(60), 40 + dice.below(200));
    const auto purpose = dice.below(3) == 0 ? BatchPurpose::kReconcile : BatchPurpose::kLand;
    if (dice.below(2) == 0)
      it.epoch(3);
    const auto id = it.runs().start({.view = "sales", .purpose = purpose}, {});
    REQUIRE(id.ok());
    for (int i = 0; i < 150; ++i) {
      const uint64_t what = dice.below(100);
      if (what < 15)
        it.append(1 + dice.below(20), 250);
      else if (what < 35)
        it.epoch(1 + dice.below(3));
      else if (what < 37)
        it.epoch(1, true);
      else if (what < 40)
        it.crash_worker(static_cast<uint32_t>(dice.below(it.limits().workers)));
      else if (what < 41)
        it.start_process();
      else
        it.step(static_cast<uint32_t>(dice.below(it.limits().workers)));
    }
    const BatchRunStatus status = it.finish(*id);
    CHECK(status.message == "");
    CHECK(status.state == "done");
    CHECK(status.differences == 0);
    it.read_on();
    CHECK(it.view() == it.counted());
    it.start_process();
    CHECK(it.view() == it.counted());
    it.clean_up();
    CHECK(it.leftovers({"batch.sales-1", purpose == BatchPurpose::kLand ? "sales" : "sales#1"}) == 0);
  }
}

TEST_CASE("a run of many records resumes after its last finished tasks") {
  BatchFixture it(12, sales_topology(1), small(1));
  for (int i = 0; i < 30; ++i)
    it.append(40, 60);
  it.read_on();
  const auto id = it.runs().start({.view = "sales", .owner = "nightly"}, {});
  REQUIRE(id.ok());
  it.epoch(1);
  while (it.runs().run(*id)->tasks_done < 2)
    it.step(0);
  it.start_process();
  CHECK(it.runs().run(*id)->state == "interrupted");
  it.append(40, 60);
  REQUIRE(it.runs().resume(*id, {}).ok());
  CHECK(it.runs().run(*id)->tasks_done == 2);
  it.epoch(1);
  CHECK(it.finish(*id).state == "done");
  it.read_on();
  CHECK(it.view() == it.counted());
  CHECK(it.runs().resume(*id, {}).code() == Code::kNotFound);
}

TEST_CASE("an interrupted run does not go on with another definition") {
  BatchFixture it(13, sales_topology(1), small(1));
  it.append(40, 60);
  const auto id = it.runs().start({.view = "sales"}, {});
  REQUIRE(id.ok());
  it.epoch(1);
  it.change(sales_topology(2));  // the number of workers makes no difference
  CHECK(it.runs().run(*id)->state == "waiting");
  it.change(sales_topology(1, "amount <> 4"));
  CHECK(it.runs().run(*id)->state == "failed");
  CHECK(it.runs().run(*id)->message == "the view's definition has changed since the run sales-1 began");
}

TEST_CASE("what cannot be recomputed is refused with the reason") {
  const auto refusal = [](const std::string& topology, const std::string& view) {
    const auto plan = testing::plan_of(topology);
    return plan_view(plan, view).status().message();
  };
  CHECK(refusal(sales_topology(1), "sale") == "there is no view \"sale\"; did you mean \"sales\"?");
  CHECK(refusal(sales_topology(1, "amount <> 3", "  top: {type: sort, input: sales, by: [n desc], limit: 3}\n"),
                "top") == "the view \"top\" is a sort, which cannot be recomputed; a reduce can");
  const std::string kept_for_a_time =
      "name: t\nschemas: {sale: {shop: string}}\nsources: {web: {type: http, path: /web, schema: sale, retain_for: "
      "1h}}\n"
      "stages: {sales: {type: reduce, input: web, group_by: [shop], aggregates: {n: count(*)}}}\n"
      "servers: {api: {type: http}}\n";
  CHECK(refusal(kept_for_a_time, "sales") ==
        "the view \"sales\" cannot be recomputed: the log \"web\" keeps its records for a time only, so history is not "
        "all "
        "there (leave out retain_for and retain_bytes)");
}
