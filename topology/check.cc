#include "topology/check.h"

#include <algorithm>
#include <map>
#include <set>

#include "topology/graph.h"
#include "topology/hint.h"
#include "topology/outputs.h"
#include "topology/query.h"
#include "topology/read_tests.h"
#include "topology/spec.h"

namespace penstock::topology {
namespace {

class Checker {
 public:
  Checker(Spec spec, const std::string& folder, const Catalogue& catalogue, Diagnostics& diagnostics)
      : spec_(std::move(spec)), folder_(folder), catalogue_(catalogue), diagnostics_(diagnostics) {}

  std::vector<BoundComponent> run() {
    if (spec_.components.empty())
      diagnostics_.error({1, 1}, "missing-key", "a topology needs the key sources",
                         "without a source nothing would flow");
    for (const DeclaredComponent& declared : spec_.components)
      check_references(declared);
    add_outputs();
    expand_queries();
    bind_all();
    check_among();
    if (!diagnostics_.any_errors())  // else a misspelt reader would make what it means look unused
      warn_unused();
    return std::move(bound_);
  }

 private:
  // Schemas and components that properties name.
  void check_references(const DeclaredComponent& declared) {
    if (declared.type == nullptr)
      return;
    for (const Property& property : declared.type->properties) {
      const PropertyValue* value = declared.component.find(property.name);
      if (value == nullptr)
        continue;
      const bool many = property.kind == Kind::kList || property.kind == Kind::kMap;
      check_reference(many ? property.element : property.kind, *value);
    }
  }

  void check_reference(Kind kind, const PropertyValue& value) {
    if (kind != Kind::kSchema && kind != Kind::kComponent)
      return;
    if (const auto* list = std::get_if<PropertyList>(&value.value)) {
      for (const PropertyValue& item : *list)
        check_reference(kind, item);
    } else if (const auto* map = std::get_if<PropertyMap>(&value.value)) {
      for (const auto& [key, item] : *map)
        check_reference(kind, item);
    } else if (kind == Kind::kSchema) {
      check_schema_name(std::get<std::string>(value.value), value.place);
    } else {
      check_component_id(std::get<std::string>(value.value), value.place);
    }
  }

  void check_schema_name(const std::string& name, Place place) {
    const auto found = spec_.schemas.find(name);
    if (found != spec_.schemas.end()) {
      found->second.used = true;
      return;
    }
    std::vector<std::string> known;
    for (const auto& [schema, declared] : spec_.schemas)
      known.push_back(schema);
    diagnostics_.error(place, "unknown-schema", "there is no schema \"" + name + "\"",
                       known.empty() ? "declare it under schemas:" : nearest_hint(name, known, "there are"));
  }

  void check_component_id(const std::string& id, Place place) {
    std::vector<std::string> known;
    for (const DeclaredComponent& declared : spec_.components)
      known.push_back(declared.component.id);
    if (std::find(known.begin(), known.end(), id) == known.end())
      diagnostics_.error(place, "unknown-component", "there is no component \"" + id + "\"",
                         nearest_hint(id, known, "there are"));
  }

  void add_outputs() {
    for (DeclaredComponent& stage : output_stages(spec_.components, catalogue_, diagnostics_))
      spec_.components.push_back(std::move(stage));
  }

  // Inputs are resolved before queries are replaced, so that their stages' own ids stay out of reach.
  void expand_queries() {
    std::vector<std::optional<sql::Select>> selects(spec_.components.size());
    for (size_t i = 0; i < spec_.components.size(); ++i)
      if (is_query(spec_.components[i])) {
        selects[i] = read_query(spec_.components[i].component, diagnostics_);
        spec_.components[i].type = nullptr;  // its number of inputs follows from the SELECT
      }
    const Inputs declared = resolve_inputs(spec_.components, diagnostics_);
    order_ = flow_order(spec_.components, declared, diagnostics_);
    for (const size_t i : order_) {
      DeclaredComponent& component = spec_.components[i];
      for (size_t input = 0; input < declared[i].size(); ++input)
        if (declared[i][input] == kUnknownInput)
          component.component.inputs[input].clear();
      if (!selects[i]) {
        flow_.push_back(std::move(component));
        continue;
      }
      for (DeclaredComponent& stage : expand_query(component.component, *selects[i], catalogue_, diagnostics_))
        flow_.push_back(std::move(stage));
    }
  }

  static bool is_query(const DeclaredComponent& declared) {
    return declared.component.role == Role::kStage && declared.component.type == kQueryType && declared.type != nullptr;
  }

  void bind_all() {
    const std::function<SchemaPtr(const std::string&)> schema = [this](const std::string& name) -> SchemaPtr {
      const auto found = spec_.schemas.find(name);
      return found == spec_.schemas.end() ? nullptr : found->second.schema;
    };
    // What names others without reading their rows comes after them.
    const auto level = [](const DeclaredComponent& declared) {
      return std::max(declared.component.role, Role::kStage);
    };
    std::stable_sort(flow_.begin(), flow_.end(),
                     [&](const auto& left, const auto& right) { return level(left) < level(right); });
    std::map<std::string, size_t, std::less<>> numbers;
    const std::function<const BoundComponent*(std::string_view)> component = [&](std::string_view id) {
      const auto found = numbers.find(id);
      return found == numbers.end() ? nullptr : &bound_[found->second];
    };
    bound_.reserve(flow_.size());
    for (DeclaredComponent& declared : flow_) {
      std::vector<Input> inputs;
      for (const std::string& id : declared.component.inputs) {
        Input& input = inputs.emplace_back();
        input.id = id;
        if (const auto found = numbers.find(id); found != numbers.end()) {
          const Binding& binding = bound_[found->second].binding;
          input.schema = binding.output;
          if (!binding.emits_records) {
            input.is_view = binding.is_view;
            input.key = binding.key;
          }
        }
      }
      BoundComponent& bound = bound_.emplace_back();
      bound.component = std::move(declared.component);
      const size_t given = inputs.size() - bound.component.named_inputs;
      const bool fits =
          declared.type != nullptr && given >= declared.type->min_inputs && given <= declared.type->max_inputs;
      if (fits && declared.complete && declared.type->bind)
        bound.binding =
            declared.type->bind(bound.component, BindContext{inputs, schema, folder_, component, diagnostics_});
      if (!bound.component.id.empty())
        numbers[bound.component.id] = bound_.size() - 1;
    }
  }

  void check_among() {
    std::vector<const Component*> all;
    for (const BoundComponent& bound : bound_)
      all.push_back(&bound.component);
    for (size_t i = 0; i < flow_.size(); ++i)
      if (flow_[i].type != nullptr && flow_[i].complete && flow_[i].type->check_among)
        flow_[i].type->check_among(bound_[i].component, all, diagnostics_);
  }

  void warn_unused() {
    std::set<std::string> read;
    for (const BoundComponent& bound : bound_)
      read.insert(bound.component.inputs.begin(), bound.component.inputs.end());
    for (const BoundComponent& bound : bound_) {
      const Component& component = bound.component;
      const bool rows = component.role == Role::kSource || component.role == Role::kStage;
      if (!rows || bound.binding.is_view || read.contains(component.id))
        continue;
      const bool source = component.role == Role::kSource;
      diagnostics_.warning(
          component.place, "unused", "nothing reads the " + std::string(role_name(component.role)) + " " + component.id,
          source ? "its events are only stored" : "end it in a reduce, a sink or a model, or remove it");
    }
    for (const auto& [name, schema] : spec_.schemas)
      if (!schema.used)
        diagnostics_.warning(schema.place, "unused", "nothing uses the schema " + name, "remove it");
  }

  Spec spec_;
  const std::string& folder_;
  const Catalogue& catalogue_;
  Diagnostics& diagnostics_;
  std::vector<size_t> order_;
  std::vector<DeclaredComponent> flow_;
  std::vector<BoundComponent> bound_;
};

}  // namespace

CheckResult check(std::string_view text, const std::string& file, const std::string& folder, const Catalogue& catalogue,
                  const SettingsType& settings, const Environment& environment) {
  CheckResult result{std::nullopt, Diagnostics(file)};
  Diagnostics& diagnostics = result.diagnostics;
  if (const std::optional<Node> root = parse(text, environment, diagnostics)) {
    CheckedTopology topology;
    Spec spec = read_spec(*root, catalogue, settings, diagnostics);
    topology.name = spec.name;
    topology.file = file;
    topology.folder = folder;
    topology.settings = spec.settings;
    topology.tests = spec.tests;
    for (const auto& [name, declared] : spec.schemas)
      topology.schemas[name] = declared.schema;
    topology.components = Checker(std::move(spec), folder, catalogue, diagnostics).run();
    if (topology.tests)
      (void)read_tests(*topology.tests, topology.components, diagnostics);
    if (!diagnostics.any_errors())
      result.topology = std::move(topology);
  }
  diagnostics.sort();
  return result;
}

}  // namespace penstock::topology
