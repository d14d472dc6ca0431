// A supervision tree over parts that do nothing, on CAF's testing scheduler: workers are crashed by name, the tree is read
// as text.
#pragma once

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/supervision/failure.h"
#include "actors/supervision/node_supervisor_actor.h"
#include "storage/memory_store.h"
#include "tests/support/recording_monitor.h"

namespace penstock::testing {

inline caf::behavior idle_worker(caf::event_based_actor* self, const caf::actor& supervisor) {
  fail_on_exceptions(self);
  self->send(supervisor, StartedMessage{});
  return {[=](StopMessage) { self->quit(); }};
}

class SupervisionFixture {
 public:
  SupervisionFixture() {
    store_.pause();
    config_.set("scheduler.policy", caf::atom("testing"));
    config_.set("logger.console-verbosity", caf::atom("quiet"));
    system_ = std::make_unique<caf::actor_system>(config_);
    scheduler_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  }
  ~SupervisionFixture() {
    caf::anon_send_exit(root_, caf::exit_reason::user_shutdown);
    settle();
    root_ = nullptr;
    workers_.clear();
    scheduler_->run();
    system_.reset();
  }

  Supervised part(const std::string& id, const std::string& kind, const std::vector<std::string>& workers) {
    Supervised supervised;
    supervised.origin = {id, kind, kind};
    supervised.components = {id};
    supervised.strategy = workers.size() > 1 ? Strategy::kOneForAll : Strategy::kOneForOne;
    supervised.workers = workers;
    supervised.start = [this, id, workers](caf::event_based_actor* supervisor, const LastFailure&) {
      started_.push_back(id);
      supervisors_[id] = caf::actor_cast<caf::actor>(supervisor);
      std::vector<caf::actor> group;
      for (const std::string& worker : workers)
        group.push_back(workers_[id + "/" + worker] = supervisor->spawn(idle_worker, supervisors_[id]));
      return group;
    };
    return supervised;
  }
  void start(std::vector<Supervised> parts) {
    root_ = system_->spawn(node_supervisor_actor, &runtime_, std::move(parts));
    settle();
  }

  void crash(const caf::actor& actor, const std::string& why) {
    caf::anon_send(actor, caf::exit_msg{caf::actor_addr{}, failure(why)});
    scheduler_->run();
  }
  void crash_worker(const std::string& worker, const std::string& why) { crash(workers_.at(worker), why); }
  void crash_supervisor(const std::string& part, const std::string& why) { crash(supervisors_.at(part), why); }
  /// Lets actors run and commits settle, but no timers.
  void settle() {
    do {
      scheduler_->run();
    } while (store_.step());
  }
  /// Until the next timer has run out.
  void wait() {
    scheduler_->trigger_timeout();
    settle();
  }

  /// `node running; sales region one_for_all running 0: reader running, stage running; ...`
  std::string tree() const {
    const SupervisionStatus root = runtime_.tree.tree();
    std::string text = root.id + " " + root.state;
    for (const SupervisionStatus& part : root.children) {
      text += "; " + part.id + " " + part.strategy + " " + part.state + " " + std::to_string(part.restarts);
      for (const SupervisionStatus& worker : part.children)
        text += ", " + worker.id + " " + worker.state;
    }
    return text;
  }
  SupervisionStatus status(const std::string& part) const {
    const SupervisionStatus root = runtime_.tree.tree();
    for (const SupervisionStatus& child : root.children)
      if (child.id == part)
        return child;
    return root;
  }

 protected:
  topology::Plan plan_;
  MemoryStore store_;
  ManualClock clock_{Timestamp{1'000'000}};
  test::RecordingMonitor monitor_;
  std::vector<std::string> given_up_;
  Runtime runtime_{plan_, store_, clock_, monitor_, options(), {}, {}, BatchCache(1 << 20)};
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
  caf::actor root_;
  std::vector<std::string> started_;  // parts, in order
  std::map<std::string, caf::actor> supervisors_, workers_;

 private:
  RuntimeOptions options() {
    RuntimeOptions options;
    options.detached = false;
    options.restart = {2, Duration{60'000'000}, Duration{1'000'000}, Duration{30'000'000}};
    options.give_up = [this](const std::string& reason) { given_up_.push_back(reason); };
    return options;
  }
};

}  // namespace penstock::testing
