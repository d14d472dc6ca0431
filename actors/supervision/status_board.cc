#include "actors/supervision/status_board.h"

namespace penstock {

void StatusBoard::add(const std::string& id, const std::string& role, const std::string& type) {
  const std::lock_guard lock(mutex_);
  if (!index_.emplace(id, components_.size()).second)
    return;
  ComponentStatus status;
  status.id = id;
  status.role = role;
  status.type = type;
  status.state = "starting";
  components_.push_back(std::move(status));
}

void StatusBoard::change(const std::string& id, const std::function<void(ComponentStatus&)>& change) {
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(id); found != index_.end())
    change(components_[found->second]);
}

void StatusBoard::set_state(const std::string& id, const std::string& state, const std::string& message) {
  change(id, [&](ComponentStatus& status) {
    status.state = state;
    status.message = message;
  });
}

void StatusBoard::set_running(const std::string& id) {
  change(id, [&](ComponentStatus& status) {
    if (status.state != "starting" && status.state != "restarting" && status.state != "failing")
      return;
    status.state = "running";
    status.message.clear();
  });
}

void StatusBoard::set_progress(const std::string& id, double progress) {
  change(id, [&](ComponentStatus& status) { status.progress = progress; });
}

void StatusBoard::add_records(const std::string& id, uint64_t records) {
  change(id, [&](ComponentStatus& status) { status.records += records; });
}

void StatusBoard::add_restart(const std::string& id) {
  change(id, [&](ComponentStatus& status) { ++status.restarts; });
}

ComponentStatus StatusBoard::get(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(id);
  return found == index_.end() ? ComponentStatus{} : components_[found->second];
}

std::vector<ComponentStatus> StatusBoard::all() const {
  const std::lock_guard lock(mutex_);
  return components_;
}

}  // namespace penstock
