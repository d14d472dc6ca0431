// `penstock monitoring FOLDER`: dashboards, alert rules and configurations for Grafana, Prometheus and Alertmanager, for
// exactly the metrics of this version, so that whoever has the binary has them.
#pragma once

#include <iosfwd>
#include <string>

#include "cli/exit.h"
#include "monitoring/provisioned_files.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct MonitoringFilesOptions {
  std::string folder;
  bool force = false;  // over files that are there and differ
  /// `dashboards` empty: the folder's own.
  monitoring::MonitoringOptions files;
};

/// Writes what differs from what is there, and says so, one line a file. Errors: already_exists, if a file differs and not
/// `force`: nothing is written then; io_error.
Status write_monitoring(const MonitoringFilesOptions& options, std::ostream& out);

void add_monitoring(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
