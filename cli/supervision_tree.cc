#include "cli/supervision_tree.h"

#include <simdjson.h>

#include <array>
#include <cstdio>

#include "cli/answer_json.h"
#include "cli/table.h"

namespace penstock::cli {
namespace {

namespace dom = simdjson::dom;

constexpr double kBusyForLong = 1;  // seconds that are worth telling

std::string count(const Element& element) {
  uint64_t value = 0;
  return element.get(value) == simdjson::SUCCESS ? std::to_string(value) : "";
}

std::string title(const dom::element& part) {
  const std::string kind = text(part["kind"]), strategy = text(part["strategy"]);
  std::string title = text(part["id"]);
  if (kind != "worker" && kind != title && !title.starts_with(kind + ":"))
    title += ", " + kind;
  return strategy.empty() ? title : title + " (" + strategy + ")";
}

std::string state(const dom::element& part) {
  double busy = 0;
  if (part["busy_seconds"].get(busy) != simdjson::SUCCESS || busy < kBusyForLong)
    return text(part["state"]);
  std::array<char, 32> time{};
  std::snprintf(time.data(), time.size(), ", busy %.0f s", busy);
  return text(part["state"]) + time.data();
}

// To the second.
std::string time(const Element& element) {
  std::string time = text(element);
  if (const size_t dot = time.find('.'); dot != std::string::npos)
    time.replace(dot, std::string::npos, "Z");
  return time;
}

// `before`: what stands left of the children's branches.
void add(const dom::element& part, const std::string& branch, const std::string& before, Table& table) {
  const bool counts = text(part["kind"]) != "worker" && text(part["kind"]) != "server";
  table.add({branch + title(part), state(part), time(part["since"]), counts ? count(part["restarts"]) : "",
             time(part["next_try"]), text(part["reason"])});
  dom::array children;
  if (part["children"].get(children) != simdjson::SUCCESS)
    return;
  size_t left = children.size();
  for (const dom::element child : children) {
    const bool last = --left == 0;
    add(child, before + (last ? "└─ " : "├─ "), before + (last ? "   " : "│  "), table);
  }
}

}  // namespace

Status print_supervision(const std::string& answer, std::ostream& out) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS || !root["children"].is_array())
    return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
  Table table(
      {{"SUPERVISION"}, {"STATE"}, {"SINCE"}, {"RESTARTS", Table::Align::kRight}, {"NEXT TRY"}, {"LAST REASON"}});
  add(root, "", "", table);
  out << '\n';
  table.print(out);
  return ok();
}

}  // namespace penstock::cli
