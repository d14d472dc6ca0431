#include "tests/simulation/simulated_node.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "actors/regions/region.h"
#include "actors/sinks/sink_actor.h"
#include "actors/sources/source_actor.h"
#include "actors/supervision/failure.h"
#include "actors/supervision/node_supervisor_actor.h"
#include "core/fault_points.h"
#include "messages/actor_protocol.h"
#include "tests/simulation/process_death.h"
#include "tests/simulation/receiver.h"

namespace penstock::simulation {
namespace {

class SilentMonitor final : public monitoring::Monitor {
 public:
  void emit(const monitoring::Event&) override {}
};

struct Described {
  const char* what;
  uint64_t a = 0, b = 0;
};

// What the actor is about to handle.
Described describe(caf::mailbox_element* element) {
  if (!element)
    return {"begin"};
  const caf::type_erased_tuple& message = element->content();
  if (message.match_elements<BatchMessage>()) {
    const auto& batch = message.get_as<BatchMessage>(0);
    return {"batch", batch.input, batch.batch->rows()};
  }
  if (message.match_elements<MarkerMessage>()) {
    const auto& marker = message.get_as<MarkerMessage>(0);
    return {"marker", marker.input, marker.epoch.value()};
  }
  if (message.match_elements<EpochPartMessage>())
    return {"epoch part"};
  if (message.match_elements<CommittedMessage>()) {
    const auto& committed = message.get_as<CommittedMessage>(0);
    return {committed.status.ok() ? "committed" : "commit refused",
            committed.appended.empty() ? 0 : committed.appended.front().value()};
  }
  if (message.match_elements<WakeMessage>())
    return {"wake"};
  if (message.match_elements<TickMessage>())
    return {"tick"};
  if (message.match_elements<StartedMessage>())
    return {"started"};
  if (message.match_elements<StartMessage, int64_t>())
    return {"start", message.get_as<StartMessage>(0).generation};
  if (message.match_elements<StopMessage>())
    return {"stop"};
  if (message.match_elements<caf::exit_msg>())
    return {"exit"};
  if (message.match_elements<caf::down_msg>())
    return {"down"};
  return {"message"};
}

// Where handlers may fail in their midst.
void fail_handlers(uint64_t seed, double chance) {
  if (chance == 0)
    return;
  std::string spec;
  for (const char* point : {"source.read", "stage.process", "sink.write", "sink.sync"})
    spec += (spec.empty() ? "" : ",") + std::string(point) + ":fail:" + std::to_string(chance);
  if (const Status status = set_faults(spec, seed); !status.ok())
    std::abort();
}

}  // namespace

int64_t SimulatedClock::monotonic_nanos() const {
  if (!scheduler_)
    return 0;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(scheduler_->clock().now().time_since_epoch()).count();
}

SimulatedNode::SimulatedNode(const topology::Plan& plan, MemoryStore& memory, Store& door, Timestamp begin,
                             NodeOptions options, Clients& clients, Trace& trace, FaultCounts& counts)
    : memory_(memory),
      options_(options),
      clients_(clients),
      trace_(trace),
      counts_(counts),
      random_(options.seed),
      clock_(begin),
      monitor_(std::make_unique<SilentMonitor>()) {
  memory_.pause();
  RuntimeOptions runtime_options;
  runtime_options.detached = false;
  runtime_options.isolation = options.isolation;
  runtime_options.memory_budget = options.memory_budget;
  runtime_options.give_up = [](const std::string&) { ProcessDeath::now(); };
  runtime_options.epoch_bytes = options.epoch_bytes;
  runtime_options.in_flight_epochs = options.in_flight_epochs;
  runtime_options.source_read_bytes = options.source_read_bytes;
  runtime_ = std::unique_ptr<Runtime>(
      new Runtime{plan, door, clock_, *monitor_, runtime_options, {}, {}, BatchCache(1 << 20)});
  config_.set("scheduler.policy", caf::atom("testing"));
  config_.set("logger.console-verbosity", caf::atom("quiet"));
  system_ = std::make_unique<caf::actor_system>(config_);
  scheduler_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  clock_.follow(scheduler_);
  if (const Status status = prepare(*runtime_); !status.ok()) {
    std::fprintf(stderr, "the simulated node cannot start: %s\n", status.message().c_str());
    std::abort();
  }
  trace_.note("node", "starts", options.seed, plan.regions.size());
  std::vector<Supervised> parts;
  for (const std::string& source : plan.sources)
    if (reads_by_itself(plan, source))
      parts.push_back(observed(supervised_source(runtime_.get(), source)));
  for (const topology::PlannedRegion& region : plan.regions)
    parts.push_back(observed(supervised_region(runtime_.get(), region)));
  for (const std::string& sink : plan.sinks)
    parts.push_back(observed(supervised_sink(runtime_.get(), sink)));
  root_ = system_->spawn(node_supervisor_actor, runtime_.get(), std::move(parts));
  (*labels_)[root_.id()] = "node";
  clients_.connect(*runtime_, random_());
  Receiver::set_faults(random_(), options.faults.receiver_failure, &counts_);
  fail_handlers(random_(), options.faults.handler_failure);
}

SimulatedNode::~SimulatedNode() {
  clear_faults();
  counts_.lost_commits += memory_.queued();
  counts_.restarts += restarts();
  // Every actor is told to go before it handles anything else. One that has not begun yet may start others in its place, and
  // one that waits for a commit may be known only after that: so this goes on until all are gone.
  memory_.refuse_commits(cancelled("the simulated process has died"));
  for (int rounds = 0; system_->registry().running() > 0; ++rounds) {
    if (rounds > 1000) {
      std::fprintf(stderr, "%zu actors do not end with their process\n", system_->registry().running());
      std::abort();
    }
    caf::anon_send_exit(root_, caf::exit_reason::user_shutdown);
    for (const PartPtr& part : parts_) {
      caf::anon_send_exit(part->supervisor, caf::exit_reason::user_shutdown);
      for (const caf::actor& worker : *part->workers)
        caf::anon_send_exit(worker, caf::exit_reason::kill);
    }
    scheduler_->run();
    while (memory_.step()) {  // who waits for it is told that it was not made
    }
  }
  while (memory_.step()) {
  }
  root_ = nullptr;
  for (const PartPtr& part : parts_) {
    part->supervisor = nullptr;
    part->workers->clear();
  }
  memory_.refuse_commits(ok());
  runtime_->freshness.expire(INT64_MAX);
  clients_.disconnect();
  clock_.follow(nullptr);
  system_.reset();
}

// The part, seen: who its supervisor and its workers are, with names for the trace.
Supervised SimulatedNode::observed(Supervised supervised) {
  auto part = std::make_shared<Part>();
  part->workers = supervised.group;
  supervised.start = [part, labels = labels_, id = supervised.id(), names = supervised.workers,
                      start = supervised.start](caf::event_based_actor* supervisor, const LastFailure& last_failure) {
    part->supervisor = caf::actor_cast<caf::actor>(supervisor);
    (*labels)[supervisor->id()] = id;
    std::vector<caf::actor> workers = start(supervisor, last_failure);
    for (size_t i = 0; i < workers.size(); ++i)
      (*labels)[workers[i].id()] = id + "/" + (i < names.size() ? names[i] : std::to_string(i));
    return workers;
  };
  parts_.push_back(std::move(part));
  return supervised;
}

const std::string& SimulatedNode::label(uint64_t actor) const {
  static const std::string other = "actor";
  const auto found = labels_->find(actor);
  return found == labels_->end() ? other : found->second;
}

// Mostly a worker, at times a supervisor.
void SimulatedNode::crash_an_actor() {
  std::vector<caf::actor> actors;
  const bool supervisors = random_.below(20) == 0;
  for (const PartPtr& part : parts_) {
    if (!supervisors)
      actors.insert(actors.end(), part->workers->begin(), part->workers->end());
    else if (part->supervisor)
      actors.push_back(part->supervisor);
  }
  if (actors.empty())
    return;
  const caf::actor& victim = actors[random_.below(actors.size())];
  trace_.note(label(victim.id()), "CRASHES");
  ++counts_.actor_crashes;
  caf::anon_send(victim, caf::exit_msg{caf::actor_addr{}, failure("crashed by the simulation")});
}

// Which of the actors that have something to do is next.
size_t SimulatedNode::choose_job() {
  const auto& jobs = scheduler_->jobs;
  if (!options_.by_priority || random_.below(8) == 0)
    return random_.below(jobs.size());
  if (random_.below(100) == 0)
    priorities_ = random_();
  const auto priority = [&](caf::resumable* job) {
    const auto* actor = dynamic_cast<caf::scheduled_actor*>(job);
    return actor ? splitmix64(priorities_ ^ actor->id()) : 0;
  };
  size_t best = 0;
  for (size_t i = 1; i < jobs.size(); ++i)
    if (priority(jobs[i]) > priority(jobs[best]))
      best = i;
  return best;
}

void SimulatedNode::run_job(size_t choice) {
  auto& jobs = scheduler_->jobs;
  const auto at = jobs.begin() + static_cast<ptrdiff_t>(choice);
  if (auto* actor = dynamic_cast<caf::scheduled_actor*>(*at)) {
    const Described described = describe(actor->mailbox().peek());
    trace_.note(label(actor->id()), described.what, described.a, described.b);
  } else {
    trace_.note("scheduler", "job");
  }
  std::rotate(jobs.begin(), at, at + 1);
  scheduler_->run_once();
}

void SimulatedNode::commit() {
  trace_.note("store", "commits", memory_.queued());
  ++counts_.commits;
  memory_.step();
}

void SimulatedNode::let_time_pass(const char* why) {
  trace_.note("time", why);
  if (!scheduler_->trigger_timeout())
    scheduler_->clock().current_time += std::chrono::milliseconds(300);
  runtime_->freshness.expire(clock_.monotonic_nanos());
  clients_.time_passed();
}

bool SimulatedNode::run(uint64_t steps) {
  for (uint64_t step = 0; step < steps; ++step) {
    const FaultRates faults = steps_ < options_.faulty_steps ? options_.faults : FaultRates{};
    if (steps_ == options_.faulty_steps) {
      Receiver::set_faults(0, 0, &counts_);
      clear_faults();
    }
    ++steps_;
    ++counts_.steps;
    if (random_.uniform() < faults.actor_crash)
      crash_an_actor();
    if (memory_.queued() > 0 && random_.uniform() < faults.refused_commit) {
      trace_.note("store", "WILL REFUSE");
      ++counts_.refused_commits;
      memory_.fail_next_commit(resource_exhausted("the simulated disk is full"));
    }
    if (!next_step(faults.early_timer) || ProcessDeath::wanted())
      return false;
  }
  return true;
}

// One thing of all that may happen next. False: there is nothing.
bool SimulatedNode::next_step(double early_timer) {
  const size_t jobs = scheduler_->jobs.size();
  const double commits = memory_.queued() > 0 ? options_.store_weight : 0;
  const double sends = clients_.wants_to_send() ? options_.client_weight : 0;
  const bool timers = scheduler_->has_pending_timeout() || clients_.waits();
  const double all = static_cast<double>(jobs) + commits + sends;
  if (all == 0 && !timers)
    return false;
  if (timers && (all == 0 || random_.uniform() < early_timer)) {
    counts_.early_timers += all > 0 ? 1 : 0;
    let_time_pass(all > 0 ? "passes early" : "passes");
    return true;
  }
  const double choice = random_.uniform() * all;
  if (choice < commits)
    commit();
  else if (choice < commits + sends)
    clients_.send();
  else
    run_job(choose_job());
  return true;
}

void SimulatedNode::stop(uint64_t steps) {
  trace_.note("node", "stops");
  caf::anon_send(root_, StopMessage{});
  run(steps);
}

uint64_t SimulatedNode::restarts() const {
  uint64_t restarts = 0;
  for (const ComponentStatus& component : runtime_->board.all())
    if (component.role != "stage")  // those count with their region
      restarts += component.restarts;
  return restarts;
}

}  // namespace penstock::simulation
