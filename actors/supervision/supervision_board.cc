#include "actors/supervision/supervision_board.h"

namespace penstock {
namespace {

void enter(SupervisionStatus& status, const std::string& state, Timestamp now) {
  if (status.state == state)
    return;
  status.state = state;
  status.since = now;
}

SupervisionStatus make(const std::string& id, const std::string& kind, const std::string& strategy) {
  SupervisionStatus status;
  status.id = id;
  status.kind = kind;
  status.strategy = strategy;
  status.state = "starting";
  return status;
}

}  // namespace

SupervisionBoard::SupervisionBoard() : root_(make(kNodePart, "node", "one_for_one")) {}

void SupervisionBoard::add(const std::string& id, const std::string& kind, const std::string& strategy,
                           const std::vector<std::string>& workers) {
  const std::lock_guard lock(mutex_);
  if (!index_.emplace(id, root_.children.size()).second)
    return;
  SupervisionStatus part = make(id, kind, strategy);
  for (const std::string& worker : workers)
    part.children.push_back(make(worker, "worker", ""));
  root_.children.push_back(std::move(part));
}

SupervisionStatus* SupervisionBoard::find(const std::string& id) {
  if (id == kNodePart)
    return &root_;
  const auto found = index_.find(id);
  return found == index_.end() ? nullptr : &root_.children[found->second];
}

void SupervisionBoard::set_state(const std::string& id, const std::string& state, Timestamp now) {
  const std::lock_guard lock(mutex_);
  SupervisionStatus* part = find(id);
  if (part == nullptr)
    return;
  enter(*part, state, now);
  if (state == "running" || state == "finished")
    has_run_[id] = true;
}

void SupervisionBoard::add_restart(const std::string& id, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (SupervisionStatus* part = find(id)) {
    ++part->restarts;
    part->reason = reason;
  }
}

void SupervisionBoard::set_next_try(const std::string& id, std::optional<Timestamp> at) {
  const std::lock_guard lock(mutex_);
  if (SupervisionStatus* part = find(id))
    part->next_try = at;
}

void SupervisionBoard::set_worker(const std::string& id, size_t worker, const std::string& state, Timestamp now) {
  const std::lock_guard lock(mutex_);
  SupervisionStatus* part = find(id);
  if (part != nullptr && worker < part->children.size())
    enter(part->children[worker], state, now);
}

void SupervisionBoard::set_workers(const std::string& id, const std::string& state, Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (SupervisionStatus* part = find(id))
    for (SupervisionStatus& worker : part->children)
      enter(worker, state, now);
}

bool SupervisionBoard::has_run(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = has_run_.find(id);
  return found != has_run_.end() && found->second;
}

SupervisionStatus SupervisionBoard::tree() const {
  const std::lock_guard lock(mutex_);
  return root_;
}

}  // namespace penstock
