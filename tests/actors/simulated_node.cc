#include "tests/actors/simulated_node.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "actors/components.h"
#include "actors/regions/log_reader.h"
#include "actors/regions/region.h"
#include "actors/sinks/sink_actor.h"
#include "actors/sources/source_actor.h"
#include "actors/supervision/failure.h"
#include "config/settings.h"
#include "messages/json_writer.h"
#include "topology/check.h"

namespace penstock::testing {
namespace {

class SilentMonitor final : public monitoring::Monitor {
 public:
  void emit(const monitoring::Event&) override {}
};

}  // namespace

topology::Plan plan_of(const std::string& text) {
  auto checked = topology::check(text, "test.yaml", ".", catalogue(), settings_type(),
                                 [](const std::string&) { return std::nullopt; });
  for (const topology::Diagnostic& diagnostic : checked.diagnostics.list())
    UNSCOPED_INFO(diagnostic.place.line << ":" << diagnostic.place.column << " " << diagnostic.text);
  REQUIRE(checked.topology);
  return topology::make_plan(std::move(*checked.topology));
}

SimulatedNode::SimulatedNode(const topology::Plan& plan, MemoryStore& store, SimulationOptions options)
    : store_(store), options_(options), random_(options.seed), monitor_(std::make_unique<SilentMonitor>()) {
  store_.pause();
  RuntimeOptions runtime_options;
  runtime_options.detached = false;
  runtime_options.memory_budget = options.memory_budget;
  runtime_options.epoch_bytes = Bytes{4096};  // many small epochs
  runtime_ = std::unique_ptr<Runtime>(
      new Runtime{plan, store, clock_, *monitor_, runtime_options, {}, {}, BatchCache(1 << 20), {}});
  REQUIRE(prepare(*runtime_).ok());
  config_.set("scheduler.policy", caf::atom("testing"));
  config_.set("logger.console-verbosity", caf::atom("quiet"));
  system_ = std::make_unique<caf::actor_system>(config_);
  scheduler_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  for (const topology::PlannedRegion& region : plan.regions)
    start(supervised_region(runtime_.get(), region));
  for (const std::string& sink : plan.sinks)
    start(supervised_sink(runtime_.get(), sink));
  for (const std::string& source : plan.sources)
    if (reads_by_itself(plan, source))
      start(supervised_source(runtime_.get(), source));
}

SimulatedNode::~SimulatedNode() {
  for (auto* actors : {&supervisors_, workers_.get()})
    for (const caf::actor& actor : *actors)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
  scheduler_->run();
  store_.drop_queued();
  supervisors_.clear();
  workers_->clear();
  system_.reset();
}

void SimulatedNode::start(Supervised supervised) {
  supervised.start = [workers = workers_, start = supervised.start](caf::event_based_actor* supervisor,
                                                                    const LastFailure& last_failure) {
    auto group = start(supervisor, last_failure);
    workers->insert(workers->end(), group.begin(), group.end());
    return group;
  };
  supervisors_.push_back(system_->spawn(supervisor_actor, runtime_.get(), std::move(supervised)));
}

void SimulatedNode::crash_an_actor() {
  if (!workers_->empty())
    caf::anon_send((*workers_)[random_.below(workers_->size())],
                   caf::exit_msg{caf::actor_addr{}, failure("crashed by the simulation")});
}

bool SimulatedNode::run(size_t steps) {
  for (size_t step = 0; step < steps; ++step) {
    if (random_.uniform() < options_.actor_crashes)
      crash_an_actor();
    if (random_.uniform() < options_.refused_commits)
      store_.fail_next_commit(resource_exhausted("the simulated disk is full"));
    auto& jobs = scheduler_->jobs;
    const size_t choices = jobs.size() + (store_.queued() > 0 ? 1 : 0);
    if (choices == 0) {
      if (!scheduler_->has_pending_timeout())
        return false;
      scheduler_->trigger_timeout();
      clock_.advance_micros(50'000);
      continue;
    }
    const size_t choice = random_.below(choices);
    if (choice == jobs.size()) {
      store_.step();
      continue;
    }
    std::rotate(jobs.begin(), jobs.begin() + static_cast<ptrdiff_t>(choice),
                jobs.begin() + static_cast<ptrdiff_t>(choice) + 1);
    scheduler_->run_once();
  }
  return true;
}

uint64_t SimulatedNode::restarts() const {
  uint64_t restarts = 0;
  for (const ComponentStatus& component : runtime_->board.all())
    restarts += component.restarts;
  return restarts;
}

std::string contents(const MemoryStore& store, const topology::Plan& plan) {
  std::string out;
  for (const topology::BoundComponent& bound : plan.topology.components) {
    if (!bound.binding.stateful)
      continue;
    out += "table " + bound.component.id + "\n";
    REQUIRE(store
                .scan(bound.component.id, "",
                      [&](std::string_view key, std::string_view value) {
                        for (const std::string_view part : {key, value})
                          for (const char c : part)
                            out += std::to_string(static_cast<unsigned char>(c)) + " ";
                        out += "\n";
                        return true;
                      })
                .ok());
  }
  for (const topology::PlannedLog& log : plan.logs) {
    out += "log " + log.name + "\n";
    LogReader reader(store, nullptr, log.name, log.schema);
    REQUIRE(reader.open("").ok());
    std::vector<std::string> rows;
    for (;;) {
      const auto batch = reader.next();
      REQUIRE(batch.ok());
      if (!*batch)
        break;
      for (size_t i = 0; i < (*batch)->rows(); ++i)
        rows.push_back(row_to_json(**batch, i));
    }
    std::sort(rows.begin(), rows.end());
    for (const std::string& row : rows)
      out += row + "\n";
  }
  return out;
}

}  // namespace penstock::testing
