// Where supervisors note how their parts are, and servers look the tree up: the node, its parts, their workers. Beside the
// status board, which knows components; a region is one part with many components. Thread safe.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/servers/node.h"
#include "core/ids.h"

namespace penstock {

/// The root's id in the tree.
inline constexpr const char* kNodePart = "node";

class SupervisionBoard {
 public:
  SupervisionBoard();

  /// A part below the node, with the names of its workers; parts are listed in this order. Adding it again changes nothing.
  void add(const std::string& id, const std::string& kind, const std::string& strategy,
           const std::vector<std::string>& workers);
  // Of parts that were not added, nothing is noted. `id` may be that of the node.
  void set_state(const std::string& id, const std::string& state, Timestamp now);
  void add_restart(const std::string& id, const std::string& reason);
  /// The part is started again at that time.
  void set_next_try(const std::string& id, std::optional<Timestamp> at);
  void set_worker(const std::string& id, size_t worker, const std::string& state, Timestamp now);
  void set_workers(const std::string& id, const std::string& state, Timestamp now);

  /// Whether the part has run since the process began.
  bool has_run(const std::string& id) const;
  SupervisionStatus tree() const;

 private:
  SupervisionStatus* find(const std::string& id);

  mutable std::mutex mutex_;
  SupervisionStatus root_;
  std::map<std::string, size_t> index_;
  std::map<std::string, bool> has_run_;
};

}  // namespace penstock
