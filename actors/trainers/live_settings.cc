#include "actors/trainers/live_settings.h"

#include "topology/bind_helpers.h"

namespace penstock {

std::vector<topology::Property> live_properties() {
  using topology::Kind;
  return {{.name = "prequential",
           .kind = Kind::kGroup,
           .meaning = "Measuring on the live stream, each event foretold before it is learnt.",
           .members = {{.name = "sample",
                        .kind = Kind::kInteger,
                        .meaning = "Events a second that are looked at, at most; 0: none.",
                        .default_value = "200",
                        .minimum = 0,
                        .maximum = 100'000},
                       {.name = "window",
                        .kind = Kind::kDuration,
                        .meaning = "How long an event counts in the figures.",
                        .default_value = "1h",
                        .minimum = 1}}},
          {.name = "drift",
           .kind = Kind::kGroup,
           .meaning = "Watching how far columns of the input move away from what the live version was trained on.",
           .members = {{.name = "columns",
                        .kind = Kind::kList,
                        .meaning = "Columns of type int64, float64, string or bool.",
                        .required = true,
                        .minimum = 1,
                        .element = Kind::kString},
                       {.name = "window",
                        .kind = Kind::kDuration,
                        .meaning = "How long a row counts.",
                        .default_value = "1h",
                        .minimum = 1}}}};
}

void check_live(const topology::Component& model, const SchemaPtr& input, topology::Diagnostics& diagnostics) {
  const topology::PropertyValue* drift = model.find("drift");
  const topology::PropertyValue* columns = drift == nullptr ? nullptr : drift->find("columns");
  if (columns == nullptr)
    return;
  for (const topology::PropertyValue& column : std::get<topology::PropertyList>(columns->value))
    topology::check_column(std::get<std::string>(column.value), column.place, input, diagnostics,
                           {Type::kInt64, Type::kFloat64, Type::kString, Type::kBool});
}

LiveSettings live_settings(const topology::Component& model) {
  LiveSettings out;
  if (const topology::PropertyValue* drift = model.find("drift")) {
    for (const topology::PropertyValue& column : std::get<topology::PropertyList>(drift->find("columns")->value))
      out.drift_columns.push_back(std::get<std::string>(column.value));
    if (const topology::PropertyValue* window = drift->find("window"))
      out.drift_window = std::get<Duration>(window->value);
  }
  const topology::PropertyValue* group = model.find("prequential");
  if (group == nullptr)
    return out;
  if (const topology::PropertyValue* sample = group->find("sample"))
    out.sample = std::get<int64_t>(sample->value);
  if (const topology::PropertyValue* window = group->find("window"))
    out.window = std::get<Duration>(window->value);
  return out;
}

}  // namespace penstock
