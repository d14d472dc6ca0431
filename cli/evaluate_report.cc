#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "cli/evaluate.h"
#include "cli/progress.h"
#include "cli/table.h"

namespace penstock::cli {
namespace {

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

std::string heading(const ModelReport& model) {
  return model.name == model.type ? model.name : fmt::format("{} ({})", model.name, model.type);
}

std::string cell(const Interval& interval) {
  if (interval.low == interval.high)
    return fmt::format("{:.4f}", interval.value);
  return fmt::format("{:.4f} [{:.4f}, {:.4f}]", interval.value, interval.low, interval.high);
}

void number(Json& json, double value) {
  if (std::isfinite(value))
    json.Double(value);
  else
    json.Null();
}

void text(Json& json, const char* key, std::string_view value) {
  json.Key(key);
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void count(Json& json, const char* key, size_t value) {
  json.Key(key);
  json.Uint64(value);
}

void write_model(Json& json, const ModelReport& model, double spread) {
  json.StartObject();
  text(json, "name", model.name);
  text(json, "type", model.type);
  json.Key("seconds");
  number(json, model.seconds);
  json.Key("spread_over_seeds");
  number(json, spread);
  json.Key("metrics");
  json.StartObject();
  for (const MetricValue& metric : model.metrics) {
    json.Key(metric.name.c_str());
    json.StartObject();
    json.Key("value");
    number(json, metric.interval.value);
    json.Key("low");
    number(json, metric.interval.low);
    json.Key("high");
    number(json, metric.interval.high);
    json.EndObject();
  }
  json.EndObject();
  json.EndObject();
}

void write_definitions(Json& json, const EvaluationReport& report) {
  json.Key("definitions");
  json.StartObject();
  for (const MetricDefinition& metric : report.definitions)
    text(json, metric.name.c_str(), metric.definition);
  json.EndObject();
}

}  // namespace

std::string evaluation_text(const EvaluatedSplit& split) {
  const EvaluationReport& report = split.report;
  std::string out =
      fmt::format("Protocol {}: {}\n", protocol_name(report.protocol), protocol_definition(report.protocol));
  out += fmt::format("Data: {} users measured, {} items, {} interactions to learn from, {} to foretell\n",
                     with_separators(report.users), with_separators(report.items),
                     with_separators(report.train_interactions), with_separators(report.held_out_interactions));
  if (split.dropped_users + report.users_left_out > 0)
    out += fmt::format("Left out: {} users with too few interactions, {} without any in training\n",
                       with_separators(split.dropped_users), with_separators(report.users_left_out));
  if (split.seeds > 1)
    out += fmt::format("Means over {} seeds\n", split.seeds);
  std::vector<Table::Column> columns = {{"METRIC"}};
  std::vector<std::string> seconds = {"seconds"};
  for (const ModelReport& model : report.models) {
    columns.push_back({heading(model)});
    seconds.push_back(fmt::format("{:.2f}", model.seconds));
  }
  Table table(std::move(columns));
  table.add(std::move(seconds));
  for (size_t i = 0; i < report.definitions.size(); ++i) {
    std::vector<std::string> row = {report.definitions[i].name};
    for (const ModelReport& model : report.models)
      row.push_back(cell(model.metrics[i].interval));
    table.add(std::move(row));
  }
  std::ostringstream figures;
  table.print(figures);
  out += "\n" + figures.str();
  out += "\nIn brackets: 95 % confidence interval over users (mean ± 1.96 standard errors).\n";
  for (const MetricDefinition& metric : report.definitions)
    out += fmt::format("  {:<14}  {}\n", metric.name, metric.definition);
  return out;
}

std::string evaluation_json(const std::vector<EvaluatedSplit>& splits) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  const EvaluationReport& first = splits.front().report;
  json.StartObject();
  text(json, "protocol", protocol_name(first.protocol));
  text(json, "protocol_definition", protocol_definition(first.protocol));
  count(json, "seeds", splits.front().seeds);
  count(json, "users", first.users);
  count(json, "users_left_out", first.users_left_out);
  count(json, "users_dropped", splits.front().dropped_users);
  count(json, "items", first.items);
  count(json, "train_interactions", first.train_interactions);
  count(json, "held_out_interactions", first.held_out_interactions);
  json.Key("models");
  json.StartArray();
  for (const EvaluatedSplit& split : splits)
    for (size_t i = 0; i < split.report.models.size(); ++i)
      write_model(json, split.report.models[i], split.spread[i]);
  json.EndArray();
  write_definitions(json, first);
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace penstock::cli
