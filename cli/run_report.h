// What `penstock run` tells a person on stdout: where it listens, how far sources and trainings are, how good a model is
// when it goes live, and what to try. Logs go to stderr.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/servers/node.h"
#include "cli/progress.h"
#include "topology/plan.h"

namespace penstock::cli {

class RunReport {
 public:
  /// The plan outlives the report.
  RunReport(const topology::Plan& plan, std::string data_dir);

  void add_server(const std::string& url) { urls_.push_back(url); }
  void started();
  /// Shows what has changed since the last call.
  void update(const NodeStatus& status);
  void stopping();
  void stopped();

 private:
  void show_progress(const std::string& id, const std::string& title, double progress, const std::string& note);
  void show_model(const ModelVersion& version);
  void show_requests(const std::string& model);

  const topology::Plan& plan_;
  const std::string data_dir_;
  std::vector<std::string> urls_;
  std::map<std::string, std::unique_ptr<Progress>> progress_;  // of what is under way, by component
  std::map<std::string, uint64_t> shown_;                      // newest version shown, by model
  int64_t stop_begun_ = 0;
};

}  // namespace penstock::cli
