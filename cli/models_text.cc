#include "cli/models_text.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <vector>

#include "cli/answer_json.h"
#include "cli/table.h"

namespace penstock::cli {
namespace {

namespace dom = simdjson::dom;

std::string format(const char* pattern, double value) {
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), pattern, value);
  return out.data();
}

std::string percent(double share) { return format("%.1f %%", share * 100); }

// A value as text: numbers with what matters of their digits.
std::string shown(const dom::element& value) {
  if (std::string_view word; value.get(word) == simdjson::SUCCESS)
    return printable(std::string(word));
  if (uint64_t whole = 0; value.get(whole) == simdjson::SUCCESS)
    return std::to_string(whole);
  double decimal = 0;
  return value.get(decimal) == simdjson::SUCCESS ? format("%.4g", decimal) : "-";
}

Status not_known() {
  return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
}

struct Parsed {
  dom::parser parser;
  dom::element root;
  explicit Parsed(const std::string& answer) : good(parser.parse(answer).get(root) == simdjson::SUCCESS) {}
  bool good;
};

std::string metric(const dom::element& version, std::string_view name) {
  double value = 0;
  return version["metrics"][name].get(value) == simdjson::SUCCESS ? format("%.4f", value) : "-";
}

std::string data_range(const dom::element& version) {
  return text(version["first_event"]) + " to " + text(version["last_event"]);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(const Element& object) {
  Pairs out;
  dom::object fields;
  if (object.get(fields) == simdjson::SUCCESS)
    for (const dom::key_value_pair field : fields)
      out.emplace_back(printable(std::string(field.key)), shown(field.value));
  return out;
}

std::string value_in(const Pairs& fields, const std::string& name) {
  const auto found = std::ranges::find(fields, name, &Pairs::value_type::first);
  return found == fields.end() ? "-" : found->second;
}

Pairs description(const dom::element& version) {
  Pairs out = {{"type", text(version["type"])},
               {"state", text(version["state"]) + (flag(version["pinned"]) ? ", pinned" : "")},
               {"reason", text(version["reason"])},
               {"since", text(version["since"])},
               {"trained", text(version["trained"])},
               {"took", format("%.2f s", number(version["seconds"]))},
               {"parent", natural(version["parent"]) > 0 ? std::to_string(natural(version["parent"])) : "-"},
               {"data", data_range(version)},
               {"events", std::to_string(natural(version["interactions"]))},
               {"users", std::to_string(natural(version["users"]))},
               {"items", std::to_string(natural(version["items"]))},
               {"seed", std::to_string(natural(version["seed"]))}};
  return out;
}

// The names of both, those of the first one first.
std::vector<std::string> names_of(const Pairs& a, const Pairs& b) {
  std::vector<std::string> names;
  for (const Pairs* each : {&a, &b})
    for (const auto& [name, value] : *each)
      if (std::ranges::count(names, name) == 0)
        names.push_back(name);
  return names;
}

void add_rows(Table& table, const std::string& group, const Pairs& a, const Pairs& b, bool all) {
  for (const std::string& name : names_of(a, b)) {
    const std::string left = value_in(a, name), right = value_in(b, name);
    if (all || left != right)
      table.add({group, name, left, right});
  }
}

}  // namespace

Status print_versions(const std::string& answer, std::ostream& out) {
  const Parsed parsed(answer);
  dom::array versions;
  if (!parsed.good || parsed.root["versions"].get(versions) != simdjson::SUCCESS)
    return not_known();
  Table table({{"MODEL"},
               {"VERSION", Table::Align::kRight},
               {"STATE"},
               {"TRAINED"},
               {"EVENTS", Table::Align::kRight},
               {"NDCG@10", Table::Align::kRight},
               {"REASON"}});
  for (const dom::element version : versions)
    table.add({text(parsed.root["name"]), std::to_string(natural(version["version"])),
               text(version["state"]) + (flag(version["pinned"]) ? ", pinned" : ""), text(version["trained"]),
               std::to_string(natural(version["interactions"])), metric(version, "ndcg@10"), text(version["reason"])});
  table.print(out);
  return ok();
}

Status print_model(const std::string& answer, std::ostream& out) {
  const Parsed parsed(answer);
  if (!parsed.good)
    return not_known();
  const dom::element& root = parsed.root;
  out << text(root["name"]) << ": " << text(root["type"]) << ", " << text(root["state"]);
  if (const double progress = number(root["progress"], -1); progress >= 0)
    out << format(" %.0f%%", progress * 100);
  if (const double eta = number(root["eta_seconds"], -1); eta >= 0)
    out << ", about " << format("%.0f s", eta) << " to go";
  if (const std::string message = text(root["message"]); !message.empty())
    out << " (" << message << ")";
  out << '\n';
  for (const char* which : {"live", "trial"})
    if (dom::element version; root[which].get(version) == simdjson::SUCCESS && version.is_object())
      out << text(version["state"]) << ": version " << natural(version["version"]) << " since "
          << text(version["since"]) << (text(version["reason"]).empty() ? "" : ", " + text(version["reason"])) << '\n';
  out << '\n';
  return print_versions(answer, out);
}

Status print_version(const std::string& answer, std::ostream& out) {
  const Parsed parsed(answer);
  if (!parsed.good || parsed.root["version"].error() != simdjson::SUCCESS)
    return not_known();
  out << "version " << natural(parsed.root["version"]) << '\n';
  for (const auto& [name, value] : description(parsed.root))
    out << "  " << name << ": " << value << '\n';
  for (const char* group : {"parameters", "read_to", "metrics"}) {
    out << "  " << group << ":\n";
    for (const auto& [name, value] : pairs(parsed.root[group]))
      out << "    " << name << ": " << value << '\n';
  }
  return ok();
}

Status print_rollout(const std::string& answer, std::ostream& out) {
  const Parsed parsed(answer);
  if (!parsed.good)
    return not_known();
  const dom::element& root = parsed.root;
  const std::string state = text(root["version"]["state"]);
  out << "\nversion " << natural(root["version"]["version"]) << " is a " << state << " for "
      << percent(number(root["share"])) << (state == "canary" ? " of the users" : " of the requests") << ", "
      << format("%.0f s", number(root["seconds_left"])) << " to go\n";
  Table table({{"VERSION"},
               {"ANSWERS", Table::Align::kRight},
               {"FAILED", Table::Align::kRight},
               {"EMPTY", Table::Align::kRight},
               {"JUDGED", Table::Align::kRight},
               {"HITS", Table::Align::kRight},
               {"P99", Table::Align::kRight}});
  for (const char* which : {"live", "trial"}) {
    const auto figures = root[which];
    table.add({which == std::string("trial") ? state : which, std::to_string(natural(figures["answers"])),
               std::to_string(natural(figures["failed"])), std::to_string(natural(figures["empty"])),
               std::to_string(natural(figures["judged"])), std::to_string(natural(figures["hits"])),
               format("%.2f ms", number(figures["p99_seconds"]) * 1e3)});
  }
  table.print(out);
  if (const auto shadow = root["shadow"]; natural(shadow["compared"]) > 0)
    out << natural(shadow["compared"]) << " answers compared: " << percent(number(shadow["overlap"]))
        << " of the items are the same, rank correlation " << format("%.2f", number(shadow["rank_correlation"])) << ", "
        << natural(shadow["dropped"]) << " dropped\n";
  return ok();
}

Status print_difference(const std::string& a, const std::string& b, std::ostream& out) {
  const Parsed left(a), right(b);
  if (!left.good || !right.good || left.root["version"].error() != simdjson::SUCCESS ||
      right.root["version"].error() != simdjson::SUCCESS)
    return not_known();
  Table table({{""},
               {""},
               {"VERSION " + std::to_string(natural(left.root["version"])), Table::Align::kRight},
               {"VERSION " + std::to_string(natural(right.root["version"])), Table::Align::kRight}});
  add_rows(table, "", description(left.root), description(right.root), false);
  add_rows(table, "parameter", pairs(left.root["parameters"]), pairs(right.root["parameters"]), false);
  add_rows(table, "read to", pairs(left.root["read_to"]), pairs(right.root["read_to"]), false);
  add_rows(table, "metric", pairs(left.root["metrics"]), pairs(right.root["metrics"]), true);
  table.print(out);
  return ok();
}

Status print_moved(const std::string& model, const std::string& answer, std::ostream& out) {
  const Parsed parsed(answer);
  if (!parsed.good || parsed.root["state"].error() != simdjson::SUCCESS)
    return not_known();
  const std::string reason = text(parsed.root["reason"]);
  out << printable(model) << ": version " << natural(parsed.root["version"]) << " is " << text(parsed.root["state"])
      << (flag(parsed.root["pinned"]) ? ", pinned" : "") << (reason.empty() ? "" : " (" + reason + ")") << '\n';
  return ok();
}

}  // namespace penstock::cli
