#include "cli/item_table.h"

#include <simdjson.h>

#include <array>
#include <cstdio>

#include "cli/table.h"

namespace penstock::cli {
namespace {

namespace dom = simdjson::dom;

Status unexpected() {
  return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
}

// `a, b`, or empty.
std::string reasons(const dom::element& item) {
  std::string out;
  dom::array because;
  if (item["because"].get(because) != simdjson::SUCCESS)
    return out;
  for (const dom::element reason : because)
    if (std::string_view text; reason.get(text) == simdjson::SUCCESS)
      out.append(out.empty() ? "" : ", ").append(text);
  return out;
}

}  // namespace

Status print_items(const std::string& answer, std::ostream& out) {
  dom::parser parser;
  dom::element root;
  dom::array items;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS || root["items"].get(items) != simdjson::SUCCESS)
    return unexpected();
  bool any_reason = false;
  for (const dom::element element : items)
    any_reason = any_reason || !reasons(element).empty();
  std::vector<Table::Column> columns = {
      {"", Table::Align::kRight}, {"ITEM"}, {"SCORE", Table::Align::kRight}, {"FOUND BY"}};
  if (any_reason)
    columns.push_back({"BECAUSE OF"});
  Table table(columns);
  size_t rank = 0;
  for (const dom::element element : items) {
    std::string_view item, strategy;
    double score = 0;
    if (element["item"].get(item) != simdjson::SUCCESS || element["strategy"].get(strategy) != simdjson::SUCCESS)
      return unexpected();
    std::array<char, 32> text{};
    if (element["score"].get(score) == simdjson::SUCCESS)
      std::snprintf(text.data(), text.size(), "%.4f", score);
    std::vector<std::string> row = {std::to_string(++rank), std::string(item), text.data(), std::string(strategy)};
    if (any_reason)
      row.push_back(reasons(element));
    table.add(row);
  }
  if (rank == 0)
    out << "no items\n";
  else
    table.print(out);
  out << '\n';
  return ok();
}

Result<std::string> model_line(const std::string& answer) {
  dom::parser parser;
  dom::element root;
  std::string_view name;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS || root["model"]["name"].get(name) != simdjson::SUCCESS)
    return unexpected();
  uint64_t version = 0;
  const bool known = root["model"]["version"].get(version) == simdjson::SUCCESS;
  return "model " + printable(std::string(name)) + (known ? ", version " + std::to_string(version) : "");
}

}  // namespace penstock::cli
