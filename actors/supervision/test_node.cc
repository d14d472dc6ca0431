#include "actors/supervision/test_node.h"

#include <algorithm>
#include <stdexcept>

#include "actors/regions/region.h"
#include "actors/supervision/failure.h"
#include "actors/supervision/node_supervisor_actor.h"
#include "monitoring/null_monitor.h"

namespace penstock {
namespace {

// Of the actors' time. A region that waits for the time ends an epoch every quarter of a second; restarts wait for less than
// a minute each.
constexpr std::chrono::milliseconds kQuiet{600};
constexpr std::chrono::minutes kPatience{10};

RuntimeOptions test_options() {
  RuntimeOptions options;
  options.detached = false;
  options.restart.intensity = 1000;  // crashes are asked for here
  options.isolation = {.failures = 4, .single_failures = 4};
  options.give_up = [](const std::string& reason) { throw std::runtime_error(reason); };
  return options;
}

}  // namespace

Result<std::unique_ptr<TestNode>> TestNode::start(const topology::Plan& plan, MemoryStore& store, const Clock& clock) {
  auto node = std::unique_ptr<TestNode>(new TestNode(plan, store, clock));
  PENSTOCK_TRY(prepare(*node->runtime_));
  std::vector<Supervised> parts;
  for (const topology::PlannedRegion& region : plan.regions) {
    Supervised part = supervised_region(node->runtime_.get(), region);
    node->groups_.push_back(part.group);
    node->supervisors_.push_back(std::make_shared<caf::actor>());
    part.start = [start = part.start, mine = node->supervisors_.back()](caf::event_based_actor* supervisor,
                                                                        const LastFailure& last_failure) {
      *mine = caf::actor_cast<caf::actor>(supervisor);
      return start(supervisor, last_failure);
    };
    parts.push_back(std::move(part));
  }
  node->crashes_.resize(parts.size());
  node->root_ = node->system_->spawn(node_supervisor_actor, node->runtime_.get(), std::move(parts));
  PENSTOCK_TRY(node->settle());
  return node;
}

TestNode::TestNode(const topology::Plan& plan, MemoryStore& store, const Clock& clock)
    : store_(store), monitor_(std::make_unique<monitoring::NullMonitor>()) {
  store_.pause();
  runtime_ = std::unique_ptr<Runtime>(
      new Runtime{plan, store_, clock, *monitor_, test_options(), {}, {}, BatchCache(1 << 20)});
  config_.set("scheduler.policy", caf::atom("testing"));
  config_.set("logger.console-verbosity", caf::atom("quiet"));
  system_ = std::make_unique<caf::actor_system>(config_);
  scheduler_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
}

// Every actor is told to go before it handles anything else. One that has not begun yet may start others in its place, and one
// that waits for a commit may be known only after that: so this goes on until all are gone.
TestNode::~TestNode() {
  store_.refuse_commits(cancelled("the process of the test has died"));
  for (int rounds = 0; system_->registry().running() > 0 && rounds < 1000; ++rounds) {
    caf::anon_send_exit(root_, caf::exit_reason::user_shutdown);
    for (const auto& supervisor : supervisors_)
      if (*supervisor)
        caf::anon_send_exit(*supervisor, caf::exit_reason::user_shutdown);
    for (const auto& group : groups_)
      for (const caf::actor& worker : *group)
        caf::anon_send_exit(worker, caf::exit_reason::kill);
    scheduler_->run();
    while (store_.step()) {  // who waits for it is told that it was not made
    }
  }
  while (store_.step()) {
  }
  store_.refuse_commits(ok());
  root_ = nullptr;
  supervisors_.clear();
  for (const auto& group : groups_)
    group->clear();
  runtime_->freshness.expire(INT64_MAX);
  ingests_.clear();
  system_.reset();
}

void TestNode::take(IngestRequest request) {
  std::unique_ptr<Ingest>& ingest = ingests_[request.source];
  if (!ingest)
    ingest = std::make_unique<Ingest>(*runtime_, request.source);
  ingest->take(std::move(request), [](const Result<IngestAnswer>&) {});
}

void TestNode::work() {
  while (scheduler_->try_run_once()) {
  }
}

void TestNode::run_all() {
  do
    work();
  while (commit());
}

Status TestNode::settle() {
  const auto begun = scheduler_->clock().now();
  for (run_all(); scheduler_->has_pending_timeout(); run_all()) {
    const auto gone = scheduler_->clock().now() - begun;
    if (gone >= kQuiet && at_rest())
      break;
    if (gone >= kPatience)
      break;
    scheduler_->trigger_timeout();
  }
  runtime_->freshness.expire(INT64_MAX);
  return at_rest() ? ok() : failed_precondition(what_waits());
}

bool TestNode::at_rest() const { return what_waits().empty(); }

std::string TestNode::what_waits() const {
  for (const topology::PlannedRegion& region : runtime_->plan.regions)
    for (const std::string& log : region.reads) {
      const uint32_t partitions = store_.partitions(log).ok() ? *store_.partitions(log) : 0;
      for (uint32_t p = 0; p < partitions; ++p) {
        const auto range = store_.range(log, Partition(p));
        const auto position = store_.position(region.name, log, Partition(p));
        const Offset done = position.ok() && *position ? **position : Offset();
        if (range.ok() && done < range->next)
          return "the region " + region.name + " has not handled all of " + log + ": " +
                 runtime_->board.get(region_status_id(region.name)).message;
      }
    }
  return {};
}

const topology::PlannedRegion* TestNode::region_of(const std::string& component) const {
  for (const topology::PlannedRegion& region : runtime_->plan.regions)
    for (const topology::PlannedNode& node : region.nodes)
      if (std::ranges::find(node.stages, component) != node.stages.end())
        return &region;
  return nullptr;
}

void TestNode::crash(const std::string& component, bool at_work) {
  const topology::PlannedRegion* region = region_of(component);
  const size_t number = static_cast<size_t>(region - runtime_->plan.regions.data());
  const uint64_t before = runtime_->board.get(component).records;
  while (at_work && runtime_->board.get(component).records == before)
    if (!scheduler_->try_run_once())
      break;
  ++crashes_[number];
  if (!groups_[number]->empty())
    caf::anon_send(groups_[number]->back(), caf::exit_msg{caf::actor_addr{}, failure("crashed by the test")});
}

std::vector<std::string> TestNode::failures() const {
  std::vector<std::string> out;
  for (size_t i = 0; i < crashes_.size(); ++i) {
    const std::string& region = runtime_->plan.regions[i].name;
    const uint64_t restarts = runtime_->board.get(region_status_id(region)).restarts;
    if (restarts <= crashes_[i])
      continue;
    std::string reason;
    for (const SupervisionStatus& part : runtime_->tree.tree().children)
      if (part.id == region_status_id(region))
        reason = part.reason;
    std::string failure = "the region ";
    failure.append(region).append(" failed ").append(std::to_string(restarts - crashes_[i]));
    out.push_back(failure.append(" times; last of: ").append(reason));
  }
  return out;
}

}  // namespace penstock
