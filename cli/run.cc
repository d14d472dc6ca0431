#include "cli/run.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "actors/regions/log_report.h"
#include "actors/servers/api.h"
#include "actors/servers/http_server.h"
#include "actors/supervision/machine_memory.h"
#include "actors/supervision/node_runtime.h"
#include "actors/supervision/store_keeper.h"
#include "cli/app.h"
#include "cli/faults.h"
#include "cli/load_topology.h"
#include "cli/run_report.h"
#include "cli/service_manager.h"
#include "cli/version.h"
#include "config/settings.h"
#include "monitoring/log.h"
#include "monitoring/prometheus_monitor.h"
#include "storage/lmdb_store.h"
#include "storage/map_fault.h"

namespace penstock::cli {
namespace {

constexpr Duration kGraceHttp{300'000};
constexpr Duration kGraceActors{1'200'000};

struct RunOptions {
  std::string file;
  std::string data_dir;
  std::string log_format = "text";
  std::string log_level = "info";
  std::string trace;  // empty: as the topology says
};

RuntimeOptions runtime_options(const Settings& settings, const std::string& data_dir) {
  RuntimeOptions options;
  options.version = version();
  options.backup_dir = settings.backup_dir.empty() ? data_dir + "/backups" : settings.backup_dir;
  options.epoch_interval = settings.epoch_interval;
  options.epoch_bytes = settings.epoch_bytes;
  options.in_flight_bytes = settings.in_flight_bytes;
  options.in_flight_epochs = settings.in_flight_epochs;
  options.restart = {settings.restart_intensity, settings.restart_period, settings.backoff_min, settings.backoff_max};
  options.stall_timeout = settings.stall_timeout;
  options.training_threads = settings.training_threads;
  options.trace = settings.trace;
  options.memory_budget = settings.memory_budget.value_or(Bytes{default_memory_budget()});
  return options;
}

Result<std::vector<std::unique_ptr<HttpServer>>> start_servers(const topology::Plan& plan, Api& api) {
  std::vector<std::unique_ptr<HttpServer>> servers;
  for (const std::string& id : plan.servers) {
    const topology::Component& server = plan.topology.find(id)->component;
    PENSTOCK_ASSIGN(auto listening, HttpServer::listen(api.counted(http_options(server)), api.handler()));
    servers.push_back(std::move(listening));
  }
  return servers;
}

// One line for `systemctl status`.
std::string service_status(const NodeStatus& status) {
  if (!status.alive)
    return "hangs";
  std::string failing;
  for (const ComponentStatus& component : status.components)
    if (component.state == "failing")
      failing += (failing.empty() ? "" : ", ") + component.id;
  if (!failing.empty())
    return "degraded; failing: " + failing;
  if (!status.store.health.ok())
    return "degraded; read-only: " + status.store.health.message();
  return status.ready ? "ready" : "coming up";
}

// Waits for Ctrl-C or a request to end, and meanwhile reports models as they go live, and to systemd that all is well.
// Requires: both signals are blocked.
void serve_until_told(Node& node, StoreKeeper& keeper, const Clock& clock, RunReport& report, ServiceManager& service) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  const timespec pause{0, 200'000'000};
  while (sigtimedwait(&signals, nullptr, &pause) < 0) {
    const NodeStatus status = node.status();
    report.update(status);
    service.status(service_status(status));
    if (status.alive)
      service.works(clock.monotonic_nanos());
    keeper.look();
  }
}

void block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // inherited by every thread that follows
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is met as an error of the write
  explain_map_faults();
}

void tell_faults(monitoring::Monitor& monitor, const std::string& faults) {
  const monitoring::Origin origin{"node", "node", "node"};
  monitor.emit(monitoring::ComponentError{
      origin, "faults", std::string(kFaultsVariable) + "=" + faults + " is set: this node fails on purpose"});
}

Status run(const RunOptions& options, Exit& exit) {
  PENSTOCK_ASSIGN(const std::string faults, faults_from_environment());
  const auto plan = load_plan(options.file, exit);
  if (!plan)
    return ok();  // the mistakes have been printed
  Settings settings = make_settings(plan->topology);
  if (!options.trace.empty()) {
    PENSTOCK_ASSIGN(settings.trace, parse_trace_rule(options.trace));
  }
  const std::string data_dir = options.data_dir.empty() ? settings.data_dir : options.data_dir;
  block_signals();

  monitoring::LogOptions log;
  PENSTOCK_TRY(monitoring::parse_log_options(options.log_format, options.log_level, log));
  monitoring::PrometheusMonitor monitor({plan->topology.name, version(), log}, Clock::system());
  LmdbOptions lmdb;
  lmdb.path = data_dir;
  lmdb.map_bytes = settings.disk_budget.count;
  lmdb.checkpoint_interval = settings.checkpoint_interval;
  lmdb.durability = settings.durability == Settings::Durability::kRelaxed ? Durability::kRelaxed : Durability::kFull;
  lmdb.on_commit = [&monitor](const CommitFigures& commit) {
    monitor.emit(monitoring::StoreCommitted{commit.seconds, commit.bytes, commit.batches});
  };
  PENSTOCK_ASSIGN(std::unique_ptr<Store> store, LmdbStore::open(lmdb));

  if (!faults.empty())
    tell_faults(monitor, faults);
  NodeRuntime node(*plan, *store, Clock::system(), monitor, runtime_options(settings, data_dir));
  Api api(node, monitor, Clock::system());
  PENSTOCK_ASSIGN(auto servers, start_servers(*plan, api));  // first: a taken port must not cost anything
  monitor.emit(monitoring::NodeStarted{plan->topology.name, version()});
  PENSTOCK_TRY(node.start());

  RunReport report(*plan, data_dir);
  for (const auto& server : servers)
    report.add_server(server->url());
  report.started();
  ServiceManager service;
  service.ready();
  StoreKeeper keeper(*store, Clock::system(), monitor, retain_every(*plan));
  serve_until_told(node, keeper, Clock::system(), report, service);

  service.stopping();
  report.stopping();
  monitor.emit(monitoring::NodeStopping{"told to"});
  for (const auto& server : servers)
    server->stop(kGraceHttp);
  node.stop(kGraceActors);
  servers.clear();
  store.reset();
  report.stopped();
  return ok();
}

}  // namespace

void add_run(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* verb = add_verb(app, "run", "Run a topology until Ctrl-C.",
                            "  penstock run config/topologies/demo.yaml\n"
                            "  penstock run shop.yaml --data-dir /var/lib/penstock --log json\n");
  verb->add_option("FILE", options->file, "The topology file")->required();
  verb->add_option("--data-dir", options->data_dir, "Where to store everything (default: the topology's data_dir)");
  verb->add_option("--log", options->log_format, "Form of the log on stderr")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  verb->add_option("--log-level", options->log_level, "Least severe lines to show")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
  verb->add_option("--trace", options->trace,
                   "Which records to follow from ingest to answer in the log: off, requests, or a share such as "
                   "1/10000 (default: the topology's trace)");
  verb->callback([options, &exit] { exit.fail(run(*options, exit)); });
}

}  // namespace penstock::cli
