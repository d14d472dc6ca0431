// The supervision tree: who is restarted when what fails.
#include <catch2/catch.hpp>

#include "tests/actors/supervision_fixture.h"

namespace penstock::testing {
namespace {

struct Tree : SupervisionFixture {
  Tree() {
    start({part("shop", "source", {"reader"}), part("sales", "region", {"reader", "reduce"}),
           part("out", "sink", {"writer"})});
  }
};

TEST_CASE_METHOD(Tree, "consumers are started before what feeds them, and listed behind it") {
  CHECK(started_ == std::vector<std::string>{"out", "sales", "shop"});
  CHECK(tree() ==
        "node running; shop one_for_one running 0, reader running; "
        "sales one_for_all running 0, reader running, reduce running; out one_for_one running 0, writer running");
}

TEST_CASE_METHOD(Tree, "a worker that fails takes its region along and nothing else") {
  crash_worker("sales/reduce", "division by zero");
  CHECK(tree() ==
        "node running; shop one_for_one running 0, reader running; "
        "sales one_for_all restarting 1, reader failed, reduce failed; out one_for_one running 0, writer running");
  settle();
  CHECK(status("sales").state == "running");
  CHECK(status("sales").reason == "division by zero");
  CHECK(started_.back() == "sales");
}

TEST_CASE_METHOD(Tree, "the region waits for its last commits before it starts again") {
  bool committed = false;
  WriteBatch write;
  write.put("table", "key", "value");
  store_.commit(std::move(write), [&](const Committed&) { committed = true; });
  crash_worker("sales/reader", "oops");
  CHECK(started_.size() == 3);
  settle();
  CHECK(committed);
  CHECK(started_.size() == 4);
}

TEST_CASE_METHOD(Tree, "failures beyond the intensity make a part failing, with a pause that is told") {
  for (int i = 0; i < 2; ++i) {
    crash_worker("sales/reader", "again");
    settle();
    CHECK(status("sales").state == "running");
  }
  crash_worker("sales/reader", "again");
  settle();
  CHECK(status("sales").state == "failing");
  REQUIRE(status("sales").next_try);
  CHECK(status("sales").next_try->micros - clock_.now().micros >= 800'000);
  CHECK(runtime_.board.get("sales").state == "");  // not a component of the plan
  wait();
  CHECK(status("sales").state == "running");
  CHECK_FALSE(status("sales").next_try);
  CHECK(status("sales").restarts == 3);
  CHECK(given_up_.empty());
}

TEST_CASE_METHOD(Tree, "a part that cannot even start is tried again") {
  Supervised broken = part("broken", "source", {"reader"});
  bool fails = true;
  broken.start = [&fails, start = broken.start](caf::event_based_actor* supervisor, const LastFailure& last) {
    if (fails)
      throw std::runtime_error("no more threads");
    return start(supervisor, last);
  };
  const caf::actor supervisor = system_->spawn(supervisor_actor, &runtime_, broken);
  fails = true;
  scheduler_->run();
  CHECK(monitor_.count("restarted broken") == 1);
  fails = false;
  settle();
  CHECK(started_.back() == "broken");
  caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
}

TEST_CASE_METHOD(Tree, "a supervisor that dies is replaced, and what it left is ended first") {
  const caf::actor reader = workers_.at("sales/reader");
  bool reader_is_gone = false;
  reader->attach_functor([&] { reader_is_gone = true; });
  crash_supervisor("sales", "bug in the supervisor");
  CHECK(reader_is_gone);
  CHECK(started_.size() == 3);  // not before the commits are settled
  settle();
  CHECK(started_.size() == 4);
  CHECK(status("sales").state == "running");
  CHECK(status("node").restarts == 1);
  CHECK(status("node").reason == "the supervisor of sales died: bug in the supervisor");
  CHECK(given_up_.empty());
}

TEST_CASE_METHOD(Tree, "a supervisor that dies between two groups leaves the commits of the first to be waited for") {
  store_.commit({}, [](const Committed&) {});
  crash_worker("sales/reader", "oops");
  crash_supervisor("sales", "bug in the supervisor");
  CHECK(started_.size() == 3);
  settle();
  CHECK(started_.size() == 4);
  CHECK(status("sales").state == "running");
}

TEST_CASE_METHOD(Tree, "supervisors that die again and again are beyond mending inside") {
  for (int i = 0; i < 3; ++i) {
    CHECK(given_up_.empty());
    crash_supervisor("out", "no memory");
    settle();
  }
  CHECK(given_up_ ==
        std::vector<std::string>{"supervisors die again and again; the supervisor of out died: no memory"});
}

TEST_CASE_METHOD(Tree, "the node stops kind after kind, in flow order") {
  std::vector<std::string> gone;
  for (const auto& [name, worker] : workers_)
    worker->attach_functor([&gone, name = name] { gone.push_back(name); });
  caf::anon_send(root_, StopMessage{});
  settle();
  REQUIRE(gone.size() == 4);
  CHECK(gone.front() == "shop/reader");
  CHECK(gone.back() == "out/writer");
  CHECK(status("node").state == "stopped");
}

TEST_CASE_METHOD(Tree, "a node that is told to stop while a part waits for its next try stops") {
  for (int i = 0; i < 3; ++i) {
    crash_worker("sales/reader", "again");
    settle();
  }
  CHECK(status("sales").state == "failing");
  caf::anon_send(root_, StopMessage{});
  settle();
  CHECK(status("node").state == "stopped");
}

TEST_CASE_METHOD(Tree, "the node answers the watchdog") {
  const PulsePtr pulse = runtime_.pulses.add(kNodePart, "supervisor", {"node", "node", "node"});
  pulse->busy_since = 5;
  caf::anon_send(root_, PingMessage{pulse});
  settle();
  CHECK(pulse->busy_since == 0);
}

}  // namespace
}  // namespace penstock::testing
