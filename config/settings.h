// What applies to a whole node: the `settings:` of a topology, each declared once; the checker reads them like the
// properties of a component. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/trace_context.h"
#include "core/units.h"
#include "topology/plan.h"
#include "topology/settings_type.h"

namespace penstock {

struct Settings {
  enum class Durability { kFull, kRelaxed };

  std::string data_dir;    // as declared: relative to the folder that Penstock was started in
  std::string backup_dir;  // the same; empty: the folder backups in data_dir
  Bytes disk_budget;
  std::optional<Bytes> memory_budget;  // none: a share of what the machine has
  Duration epoch_interval;
  Bytes epoch_bytes;
  Bytes in_flight_bytes;
  uint32_t in_flight_epochs = 0;
  uint32_t restart_intensity = 0;
  Duration restart_period;
  Duration backoff_min;
  Duration backoff_max;
  Duration checkpoint_interval;
  Duration stall_timeout;  // 0: nobody looks
  Durability durability = Durability::kFull;
  int training_threads = 0;  // 0: one for each core
  TraceRule trace;
};

/// Their declarations, in the order of the reference page.
const topology::SettingsType& settings_type();

/// The settings of a topology that was checked: what its file says, defaults for the rest.
Settings make_settings(const topology::CheckedTopology& topology);

}  // namespace penstock
