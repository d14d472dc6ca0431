#include "cli/logs.h"

#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>

#include "cli/answer_json.h"
#include "cli/app.h"
#include "cli/table.h"
#include "core/units.h"

namespace penstock::cli {
namespace {

namespace dom = simdjson::dom;

std::string keeps(const dom::element& log) {
  std::string out;
  if (double seconds = 0; log["retain_for_seconds"].get(seconds) == simdjson::SUCCESS)
    out = to_string(Duration{static_cast<int64_t>(seconds * 1e6)});
  if (uint64_t bytes = 0; log["retain_bytes"].get(bytes) == simdjson::SUCCESS)
    out += (out.empty() ? "" : ", ") + to_string(Bytes{bytes});
  return out.empty() ? "all" : out;
}

std::string seconds_behind(const Element& element) {
  double seconds = 0;
  if (element.get(seconds) != simdjson::SUCCESS || seconds <= 0)
    return "-";
  char out[32];
  std::snprintf(out, sizeof out, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
  return out;
}

Status print(const std::string& answer, std::ostream& out) {
  dom::parser parser;
  dom::element root;
  dom::array logs;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS || root["logs"].get(logs) != simdjson::SUCCESS)
    return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
  Table held({{"LOG"},
              {"PARTITION", Table::Align::kRight},
              {"OLDEST", Table::Align::kRight},
              {"NEXT", Table::Align::kRight},
              {"BYTES", Table::Align::kRight},
              {"KEEPS"}});
  Table read({{"CONSUMER"},
              {"OF LOG"},
              {"RECORDS BEHIND", Table::Align::kRight},
              {"BYTES", Table::Align::kRight},
              {"TIME", Table::Align::kRight}});
  bool any = false;
  for (const dom::element log : logs) {
    uint64_t number = 0;
    for (const dom::element part : dom::array(log["partitions"]))
      held.add({text(log["name"]), std::to_string(number++), std::to_string(natural(part["first_offset"])),
                std::to_string(natural(part["next_offset"])), to_string(Bytes{natural(part["bytes"])}), keeps(log)});
    for (const dom::element consumer : dom::array(log["consumers"])) {
      any = true;
      read.add({text(consumer["kind"]) + " " + text(consumer["id"]), text(log["name"]),
                std::to_string(natural(consumer["lag_records"])), to_string(Bytes{natural(consumer["lag_bytes"])}),
                seconds_behind(consumer["lag_seconds"])});
    }
  }
  held.print(out);
  if (any) {
    out << '\n';
    read.print(out);
  }
  return ok();
}

}  // namespace

int logs(const LogsOptions& options, std::ostream& out, std::ostream& err) {
  return show_answer({options.url, "/v1/logs", options.json}, print, out, err);
}

void add_logs(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<LogsOptions>();
  CLI::App* verb =
      add_verb(app, "logs", "Ask a running node what its logs hold, and how far behind their consumers are.",
               "  penstock logs\n"
               "  penstock logs --url http://127.0.0.1:9000 --format json\n");
  verb->add_option("--url", options->url, "Where the node listens")->capture_default_str();
  verb->add_option_function<std::string>(
          "--format", [options](const std::string& format) { options->json = format == "json"; },
          "text, or json: the node's answer as it is")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
  verb->callback([options, &exit] { exit.code = logs(*options, std::cout, std::cerr); });
}

}  // namespace penstock::cli
