#include "actors/trainers/feature_columns.h"

#include <algorithm>
#include <functional>

#include "topology/bind_helpers.h"
#include "topology/hint.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;
using topology::Property;
using topology::PropertyMap;
using topology::PropertyValue;
using FeatureKind = FeatureColumn::Kind;

std::vector<Property> column_properties() {
  return {
      {.name = "type",
       .kind = Kind::kChoice,
       .meaning =
           "One value is one feature; a text of several values; a number by the bucket it falls into; words, each "
           "by its hash.",
       .required = true,
       .choices = {"categorical", "multi", "buckets", "text"}},
      {.name = "separator", .kind = Kind::kString, .meaning = "Of multi: what parts the values; default: `|`."},
      {.name = "boundaries",
       .kind = Kind::kList,
       .meaning = "Of buckets: where one bucket ends and the next begins, ascending.",
       .minimum = 1,
       .element = Kind::kNumber},
      {.name = "buckets",
       .kind = Kind::kInteger,
       .meaning = "Of text: how many different hashes words may have; default: 1024.",
       .minimum = 1,
       .maximum = 1'000'000},
  };
}

Property features_property(std::string_view name, const char* whose) {
  return {
      .name = std::string(name),
      .kind = Kind::kGroup,
      .meaning = std::string("What is known about ") + whose + "s, so that those without a history are answered too.",
      .members = {{.name = "view",
                   .kind = Kind::kComponent,
                   .meaning = std::string("A view keyed by the ") + whose + "'s id.",
                   .required = true},
                  {.name = "columns",
                   .kind = Kind::kMap,
                   .meaning = "Which of its columns are features, and how.",
                   .required = true,
                   .minimum = 1,
                   .element = Kind::kGroup,
                   .members = column_properties(),
                   .scalar = "type"}}};
}

FeatureKind kind_of(const std::string& name) {
  if (name == "multi")
    return FeatureKind::kMulti;
  if (name == "buckets")
    return FeatureKind::kBuckets;
  return name == "text" ? FeatureKind::kText : FeatureKind::kCategorical;
}

std::vector<double> boundaries_of(const PropertyValue& column) {
  std::vector<double> out;
  if (const PropertyValue* list = column.find("boundaries"))
    for (const PropertyValue& each : std::get<topology::PropertyList>(list->value))
      out.push_back(std::get<double>(each.value));
  return out;
}

// A setting that this kind of column does not have.
void check_belongs(const PropertyValue& column, const char* setting, const std::string& kind, const char* owner,
                   topology::Diagnostics& diagnostics) {
  const PropertyValue* value = column.find(setting);
  if (value != nullptr && kind != owner)
    diagnostics.error(value->place, "useless-key", std::string(setting) + " says nothing for a column of type " + kind,
                      std::string("write type: ") + owner + ", or remove it");
}

void check_column_of(const std::string& name, const PropertyValue& column, const SchemaPtr& schema,
                     topology::Diagnostics& diagnostics) {
  const std::string& kind = std::get<std::string>(column.find("type")->value);
  switch (kind_of(kind)) {
    case FeatureKind::kCategorical:
      topology::check_column(name, column.key_place, schema, diagnostics, {Type::kString, Type::kInt64, Type::kBool});
      break;
    case FeatureKind::kMulti:
    case FeatureKind::kText:
      topology::check_column(name, column.key_place, schema, diagnostics, {Type::kString});
      break;
    case FeatureKind::kBuckets:
      topology::check_column(name, column.key_place, schema, diagnostics, {Type::kInt64, Type::kFloat64});
      break;
  }
  check_belongs(column, "separator", kind, "multi", diagnostics);
  check_belongs(column, "boundaries", kind, "buckets", diagnostics);
  check_belongs(column, "buckets", kind, "text", diagnostics);
  const PropertyValue* separator = column.find("separator");
  if (separator != nullptr && std::get<std::string>(separator->value).empty())
    diagnostics.error(separator->place, "wrong-value", "the separator must not be empty");
  const std::vector<double> boundaries = boundaries_of(column);
  if (kind == "buckets" && boundaries.empty())
    diagnostics.error(column.place, "missing-key", "the column " + name + " needs the key boundaries",
                      "such as boundaries: [5, 10, 50]");
  else if (std::adjacent_find(boundaries.begin(), boundaries.end(), std::greater_equal<>()) != boundaries.end())
    diagnostics.error(column.find("boundaries")->place, "wrong-value", "the boundaries must ascend");
}

void check_source(const Component& model, std::string_view property, const topology::BindContext& context) {
  const PropertyValue& source = *model.find(property);
  const PropertyValue& view = *source.find("view");
  const std::string& id = std::get<std::string>(view.value);
  const topology::BoundComponent* bound = context.component(id);
  if (bound == nullptr || !bound->binding.is_view) {
    context.diagnostics.error(view.place, bound == nullptr ? "unknown-component" : "wrong-component",
                              bound == nullptr ? "there is no view \"" + id + "\""
                                               : "\"" + id + "\" is no view, so nothing can be looked up in it",
                              "name a reduce that keeps the last row of each id");
    return;
  }
  const SchemaPtr& schema = bound->binding.output;
  const std::vector<std::string>& key = bound->binding.key;
  if (schema == nullptr)
    return;
  if (key.size() != 1) {
    context.diagnostics.error(view.place, "wrong-component",
                              "the view \"" + id + "\" has " + std::to_string(key.size()) + " key columns, but " +
                                  std::string(property) + " needs one keyed by the id alone",
                              key.empty() ? "" : "its key columns are " + topology::joined(key));
    return;
  }
  (void)topology::check_column(key.front(), view.place, schema, context.diagnostics, {Type::kInt64, Type::kString});
  for (const auto& [name, column] : std::get<PropertyMap>(source.find("columns")->value))
    check_column_of(name, column, schema, context.diagnostics);
}

}  // namespace

std::vector<Property> feature_column_properties() { return column_properties(); }

void check_feature_column(const std::string& name, const PropertyValue& column, const SchemaPtr& schema,
                          topology::Diagnostics& diagnostics) {
  check_column_of(name, column, schema, diagnostics);
}

FeatureColumn feature_column(const std::string& name, const PropertyValue& column) {
  FeatureColumn feature{.name = name, .kind = kind_of(std::get<std::string>(column.find("type")->value))};
  if (const PropertyValue* separator = column.find("separator"))
    feature.separator = std::get<std::string>(separator->value);
  feature.boundaries = boundaries_of(column);
  if (const PropertyValue* buckets = column.find("buckets"))
    feature.buckets = static_cast<int>(std::get<int64_t>(buckets->value));
  return feature;
}

std::vector<Property> feature_properties() {
  return {features_property(kUserFeatures, "user"), features_property(kItemFeatures, "item")};
}

void check_features(const Component& model, const topology::BindContext& context) {
  for (const std::string_view property : {kUserFeatures, kItemFeatures})
    if (model.has(property))
      check_source(model, property, context);
}

std::optional<FeatureSource> feature_source(const topology::CheckedTopology& topology, const Component& model,
                                            std::string_view property) {
  const PropertyValue* source = model.find(property);
  if (source == nullptr)
    return std::nullopt;
  FeatureSource out;
  out.view = std::get<std::string>(source->find("view")->value);
  const topology::Binding& binding = topology.find(out.view)->binding;
  out.schema = binding.output;
  out.key = *out.schema->index_of(binding.key.front());
  for (const auto& [name, column] : std::get<PropertyMap>(source->find("columns")->value)) {
    out.columns.push_back({*out.schema->index_of(name), feature_column(name, column)});
  }
  return out;
}

}  // namespace penstock
