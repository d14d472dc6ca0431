// Where the parts of a running node note how they are, and servers look it up. Thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "actors/servers/node.h"

namespace penstock {

class StatusBoard {
 public:
  /// Makes the component known; components are listed in this order.
  void add(const std::string& id, const std::string& role, const std::string& type);
  // Requires of each: the component was added.
  void set_state(const std::string& id, const std::string& state, const std::string& message = {});
  /// `running`, unless the component has said more than that it is starting again.
  void set_running(const std::string& id);
  void set_progress(const std::string& id, double progress);
  void add_records(const std::string& id, uint64_t records);
  void add_restart(const std::string& id);

  ComponentStatus get(const std::string& id) const;
  std::vector<ComponentStatus> all() const;

 private:
  void change(const std::string& id, const std::function<void(ComponentStatus&)>& change);

  mutable std::mutex mutex_;
  std::vector<ComponentStatus> components_;
  std::map<std::string, size_t> index_;
};

}  // namespace penstock
