#include "cli/status.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/answer_json.h"
#include "cli/exit.h"
#include "cli/supervision_tree.h"
#include "cli/table.h"
#include "core/units.h"

namespace penstock::cli {
namespace {

namespace dom = simdjson::dom;

std::string format(const char* pattern, double value) {
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), pattern, value);
  return out.data();
}

/// 1234567 as 1,234,567.
std::string grouped(uint64_t count) {
  std::string digits = std::to_string(count);
  for (size_t i = digits.size(); i > 3; i -= 3)
    digits.insert(i - 3, ",");
  return digits;
}

/// 200 s as 3m 20s: the two largest units.
std::string span(double seconds) {
  auto rest = static_cast<uint64_t>(seconds);
  std::string out;
  int parts = 0;
  for (const auto& [unit, name] : {std::pair<uint64_t, const char*>{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}}) {
    if ((rest >= unit || (unit == 1 && parts == 0)) && parts < 2) {
      out += (out.empty() ? "" : " ") + std::to_string(rest / unit) + name;
      rest %= unit;
      ++parts;
    }
  }
  return out;
}

std::string with_progress(std::string state, double progress) {
  return progress >= 0 && progress < 1 ? state + format(" %.0f%%", progress * 100) : state;
}

void print_head(const dom::element& root, std::ostream& out) {
  out << printable(text(root["topology"])) << ": penstock " << text(root["version"]) << ", up "
      << span(number(root["uptime_seconds"])) << ", " << (flag(root["ready"]) ? "ready" : "not ready yet") << ", "
      << (flag(root["healthy"]) ? "healthy" : "NOT HEALTHY") << '\n';
  const auto store = root["store"];
  out << "store: " << to_string(Bytes{natural(store["used_bytes"])}) << " of "
      << to_string(Bytes{natural(store["map_bytes"])}) << ", changelog "
      << to_string(Bytes{natural(store["changelog_bytes"])}) << ", " << grouped(natural(store["commits"]))
      << " commits, the last in " << format("%.1f ms", number(store["last_commit_seconds"]) * 1e3) << '\n';
  if (text(store["state"]) == "read-only")
    out << "store: READ-ONLY, " << grouped(natural(store["refused"]))
        << " commits refused: " << printable(text(store["reason"])) << '\n';
}

// memory: 310MiB of 2GiB accounted for; the process holds 350MiB, and 80MiB of mapped files
//   state.sales 200MiB, batch_cache 64MiB, ...
void print_memory(const dom::element& root, std::ostream& out) {
  const auto memory = root["memory"];
  dom::object parts;
  if (memory["parts"].get(parts) != simdjson::SUCCESS)
    return;  // an older node
  const uint64_t used = natural(memory["used_bytes"]), budget = natural(memory["budget_bytes"]);
  const uint64_t resident = natural(memory["resident_bytes"]), anonymous = natural(memory["anonymous_bytes"]);
  out << "memory: " << to_string(Bytes{used}) << (budget > 0 ? " of " + to_string(Bytes{budget}) : "")
      << " accounted for" << (flag(memory["exceeded"]) ? ", EXCEEDED: nothing more is taken in" : "")
      << "; the process holds " << to_string(Bytes{anonymous}) << ", and " << to_string(Bytes{resident - anonymous})
      << " of mapped files\n";
  std::vector<std::pair<uint64_t, std::string>> largest;
  for (const dom::key_value_pair part : parts)
    largest.emplace_back(natural(memory["parts"].at_key(part.key)), std::string(part.key));
  std::sort(largest.rbegin(), largest.rend());
  for (size_t i = 0; i < largest.size(); ++i)
    out << (i == 0 ? "  " : ", ") << printable(largest[i].second) << ' ' << to_string(Bytes{largest[i].first});
  out << (largest.empty() ? "" : "\n");
}

void print_components(const dom::array& components, double uptime, std::ostream& out) {
  Table table({{"COMPONENT"},
               {"ROLE"},
               {"TYPE"},
               {"STATE"},
               {"RECORDS", Table::Align::kRight},
               {"PER SECOND", Table::Align::kRight},
               {"RESTARTS", Table::Align::kRight},
               {"MESSAGE"}});
  for (const dom::element c : components) {
    const uint64_t records = natural(c["records"]);
    table.add({text(c["id"]), text(c["role"]), text(c["type"]),
               with_progress(text(c["state"]), number(c["progress"], -1)), grouped(records),
               uptime > 0 ? format("%.1f", static_cast<double>(records) / uptime) : "", grouped(natural(c["restarts"])),
               text(c["message"])});
  }
  out << '\n';
  table.print(out);
}

void print_models(const dom::array& models, std::ostream& out) {
  Table table({{"MODEL"},
               {"TYPE"},
               {"STATE"},
               {"VERSION", Table::Align::kRight},
               {"TRAINED"},
               {"USERS", Table::Align::kRight},
               {"ITEMS", Table::Align::kRight},
               {"QUALITY"},
               {"MESSAGE"}});
  for (const dom::element m : models) {
    const auto live = m["live"];
    const bool has_live = live.is_object();
    std::string quality;
    if (dom::object metrics; live["metrics"].get(metrics) == simdjson::SUCCESS)
      for (const dom::key_value_pair metric : metrics)
        if (metric.key == "ndcg@10" || metric.key == "hr@10")
          quality += (quality.empty() ? "" : ", ") + std::string(metric.key) + " " +
                     format("%.4f", metric.value.is_double() ? double(metric.value) : 0);
    const double eta = number(m["eta_seconds"], -1);
    const std::string state = with_progress(text(m["state"]), number(m["progress"], -1));
    table.add({text(m["name"]), text(m["type"]), eta >= 0 ? state + ", " + span(eta) + " to go" : state,
               has_live ? std::to_string(natural(live["version"])) : "-", has_live ? text(live["trained"]) : "-",
               has_live ? grouped(natural(live["users"])) : "-", has_live ? grouped(natural(live["items"])) : "-",
               quality, text(m["message"])});
  }
  out << '\n';
  table.print(out);
}

Status print(const std::string& answer, std::ostream& out) {
  dom::parser parser;
  dom::element root;
  dom::array components, models;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS || root["components"].get(components) != simdjson::SUCCESS ||
      root["models"].get(models) != simdjson::SUCCESS)
    return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
  print_head(root, out);
  print_memory(root, out);
  print_components(components, number(root["uptime_seconds"]), out);
  if (models.size() > 0)
    print_models(models, out);
  return ok();
}

}  // namespace

int status(const StatusOptions& options, std::ostream& out, std::ostream& err) {
  const int code = show_answer({options.url, "/v1/status", options.json}, print, out, err);
  if (code != Exit::kOk || options.json)
    return code;
  return show_answer({options.url, "/v1/supervision", false}, print_supervision, out, err);
}

}  // namespace penstock::cli
