#include "cli/monitoring.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "cli/app.h"
#include "cli/table.h"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;
using monitoring::ProvisionedFile;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Status write(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error)
    return io_error("cannot make the folder " + path.parent_path().string(), error.value());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file ? ok() : io_error("cannot write " + path.string(), errno);
}

/// A target of Prometheus is host:port, without a scheme.
Status check_target(const char* flag, const std::string& target) {
  if (target.empty() || target.find("://") != std::string::npos || target.find(':') == std::string::npos)
    return invalid_argument(std::string(flag) + " " + target + ": it takes host:port, such as localhost:8080");
  return ok();
}

}  // namespace

Status write_monitoring(const MonitoringFilesOptions& options, std::ostream& out) {
  PENSTOCK_TRY(check_target("--node", options.files.node));
  PENSTOCK_TRY(check_target("--alertmanager", options.files.alertmanager));
  const fs::path folder(options.folder);
  monitoring::MonitoringOptions files = options.files;
  std::error_code error;
  if (files.dashboards.empty())
    files.dashboards = (fs::absolute(folder, error) / "grafana/dashboards").lexically_normal().string();
  std::vector<ProvisionedFile> changed;
  size_t same = 0;
  for (ProvisionedFile& file : monitoring::provisioned_files(files)) {
    const bool there = fs::exists(folder / file.path, error);
    if (there && read(folder / file.path) == file.text) {
      ++same;
      continue;
    }
    if (there && !options.force)
      return already_exists((folder / file.path).string() +
                            " is there and differs; give another folder, or --force to write over it");
    changed.push_back(std::move(file));
  }
  for (const ProvisionedFile& file : changed) {
    PENSTOCK_TRY(write(folder / file.path, file.text));
    out << printable((folder / file.path).string()) << "\n";
  }
  out << changed.size() << " files written, " << same << " were as they are to be\n";
  return ok();
}

void add_monitoring(CLI::App& app, Exit& exit) {
  CLI::App* verb = add_verb(app, "monitoring",
                            "Write Grafana dashboards, alert rules and the configuration of Prometheus to a folder",
                            "  penstock monitoring /etc/penstock/monitoring\n"
                            "  penstock monitoring watch --node shop-1:8080 --runbook https://wiki/penstock/runbook\n");
  auto options = std::make_shared<MonitoringFilesOptions>();
  options->files.dashboards.clear();
  verb->add_option("FOLDER", options->folder, "Where to write; made if it is not there")->required();
  verb->add_flag("--force", options->force, "Write over files that are there and differ");
  verb->add_option("--node", options->files.node, "The node that Prometheus is to scrape")->capture_default_str();
  verb->add_option("--prometheus", options->files.prometheus, "Where Grafana finds Prometheus")->capture_default_str();
  verb->add_option("--alertmanager", options->files.alertmanager, "Where Prometheus finds Alertmanager")
      ->capture_default_str();
  verb->add_option("--runbook", options->files.runbook,
                   "Where the runbook can be read; dashboards and alerts link to it")
      ->capture_default_str();
  verb->add_option("--dashboards", options->files.dashboards,
                   "Where Grafana finds the dashboards (default: the folder's grafana/dashboards)");
  verb->callback([options, &exit] { exit.fail(write_monitoring(*options, std::cout)); });
}

}  // namespace penstock::cli
