#include "cli/backup.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include "cli/app.h"
#include "cli/table.h"
#include "cli/version.h"
#include "core/clock.h"
#include "core/units.h"
#include "storage/backup.h"
#include "storage/map_fault.h"

namespace penstock::cli {
namespace {

constexpr auto kAskAgain = std::chrono::milliseconds(200);

void report(const std::string& path, uint64_t bytes, double seconds, std::ostream& out) {
  char took[32];
  std::snprintf(took, sizeof took, "%.1f", seconds);
  out << "backed up to " << printable(path) << ": " << to_string(Bytes{bytes}) << " in " << took << " s\n";
}

Status backup_folder(const BackupOptions& options, std::ostream& out) {
  if (options.target.empty())
    return invalid_argument("say where the backup is to be written: penstock backup DEST --data-dir DIR");
  explain_map_faults();
  const int64_t began = Clock::system().monotonic_nanos();
  PENSTOCK_ASSIGN(const BackupManifest written,
                  write_backup({options.target, "", version(), Clock::system().now()},
                               [&](const std::string& file) { return copy_store(options.data_dir, file, nullptr); }));
  report(options.target, written.bytes, static_cast<double>(Clock::system().monotonic_nanos() - began) * 1e-9, out);
  return ok();
}

std::string body_for(const std::string& name) {
  if (name.empty())
    return "";
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("path");
  json.String(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  json.EndObject();
  return buffer.GetString();
}

Status backup_node(const BackupOptions& options, std::ostream& out) {
  PENSTOCK_ASSIGN(std::string answer, ask_node(options.url, "/v1/backup", body_for(options.target)));
  std::string begun;
  while (true) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    std::string_view path, state, message;
    uint64_t bytes = 0;
    double seconds = 0;
    if (parser.parse(answer).get(root) != simdjson::SUCCESS || root["path"].get(path) != simdjson::SUCCESS ||
        root["state"].get(state) != simdjson::SUCCESS || root["message"].get(message) != simdjson::SUCCESS ||
        root["bytes"].get(bytes) != simdjson::SUCCESS || root["seconds"].get(seconds) != simdjson::SUCCESS)
      return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
    if (begun.empty())
      begun = path;
    if (begun != path)
      return unavailable("another backup was begun meanwhile, so it is not known how the one to " + begun + " ended");
    if (state == "failed")
      return unavailable(std::string(message));
    if (state == "finished") {
      report(begun, bytes, seconds, out);
      return ok();
    }
    std::this_thread::sleep_for(kAskAgain);
    PENSTOCK_ASSIGN(answer, ask_node(options.url, "/v1/backup"));
  }
}

}  // namespace

int backup(const BackupOptions& options, std::ostream& out, std::ostream& err) {
  const Status status = options.data_dir.empty() ? backup_node(options, out) : backup_folder(options, out);
  if (!status.ok())
    err << "penstock: " << printable(status.message()) << '\n';
  return exit_code(status.code());
}

void add_backup(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<BackupOptions>();
  CLI::App* verb = add_verb(app, "backup",
                            "Write a consistent copy of a store while it is in use: of a running node, below its "
                            "backup_dir, or of a data folder, anywhere.",
                            "  penstock backup\n"
                            "  penstock backup before-upgrade --url http://127.0.0.1:9000\n"
                            "  penstock backup /mnt/backups/monday --data-dir /var/lib/penstock\n");
  verb->add_option("DEST", options->target, "The backup's name on the node, or with --data-dir its path");
  verb->add_option("--data-dir", options->data_dir, "Copy the store in this folder, instead of asking a node");
  verb->add_option("--url", options->url, "Where the node listens")->capture_default_str();
  verb->callback([options, &exit] {
    exit.code = backup(*options, std::cout, std::cerr);
    std::cout.flush();
  });
}

}  // namespace penstock::cli
