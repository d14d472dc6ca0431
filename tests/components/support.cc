#include "tests/components/support.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "messages/json_lines.h"
#include "topology/parse.h"
#include "topology/read_property.h"

namespace penstock::test {
namespace {

struct Checked {
  topology::Component component;
  topology::Binding binding;
  std::string mistakes;
};

Checked check(topology::Role role, const std::string& type, const std::string& yaml,
              const std::vector<topology::Input>& inputs, const std::string& folder, const SchemaPtr& declared) {
  Checked out;
  topology::Diagnostics diagnostics("test.yaml");
  const ComponentEntry& entry = component_entry(role, type);
  const auto environment = [](const std::string&) { return std::optional<std::string>(); };
  topology::Node node;
  node.kind = topology::Node::Kind::kMap;
  if (!yaml.empty())
    node = topology::parse(yaml, environment, diagnostics).value_or(node);
  out.component.role = role;
  out.component.id = "it";
  out.component.type = type;
  for (const topology::Input& input : inputs)
    out.component.inputs.push_back(input.id);
  const bool complete = topology::read_properties(entry.type.properties, node, {}, "the component", {}, diagnostics,
                                                  out.component.properties);
  const std::function<SchemaPtr(const std::string&)> schemas = [&](const std::string&) { return declared; };
  std::vector<topology::BoundComponent> bound;  // the inputs stand for all that was bound before
  for (const topology::Input& input : inputs) {
    topology::BoundComponent& one = bound.emplace_back();
    one.component.id = input.id;
    one.component.role = topology::Role::kStage;
    one.binding.output = input.schema;
    one.binding.is_view = input.is_view;
    one.binding.key = input.key;
  }
  const std::function<const topology::BoundComponent*(std::string_view)> find = [&](std::string_view id) {
    const auto found =
        std::find_if(bound.begin(), bound.end(), [&](const auto& one) { return one.component.id == id; });
    return found == bound.end() ? nullptr : &*found;
  };
  if (complete)
    out.binding = entry.type.bind(out.component, {inputs, schemas, folder, find, diagnostics});
  for (const topology::Diagnostic& diagnostic : diagnostics.list())
    out.mistakes +=
        diagnostic.code + ": " + diagnostic.text + (diagnostic.hint.empty() ? "" : " (" + diagnostic.hint + ")") + "\n";
  return out;
}

template <class Make>
auto make(const Made& made) {
  const ComponentEntry& entry = component_entry(made.component.role, made.component.type);
  auto result = std::get<Make>(entry.make)(made.context());
  INFO(result.status().to_string());
  REQUIRE(result.ok());
  return std::move(result).value();
}

}  // namespace

SchemaPtr schema(std::vector<Field> fields) { return std::make_shared<Schema>(std::move(fields)); }

BatchPtr rows(const SchemaPtr& schema, std::string_view lines) {
  JsonLinesDecoder decoder(schema);
  Decoded decoded = decoder.decode(lines);
  for (const DecodeError& error : decoded.errors)
    FAIL(error.to_string());
  return decoded.batch;
}

BatchPtr rows_at(const SchemaPtr& schema, std::string_view lines, uint64_t first) {
  return rows(schema, lines)->with_origin({Partition(0), Offset(first), Timestamp{1000}, nullptr});
}

Made::Made(topology::Role role, const std::string& type, const std::string& yaml, std::vector<topology::Input> given,
           std::string at, SchemaPtr declared)
    : inputs(std::move(given)), folder(std::move(at)) {
  Checked checked = check(role, type, yaml, inputs, folder, declared);
  INFO(checked.mistakes);
  REQUIRE(checked.mistakes.empty());
  component = std::move(checked.component);
  binding = std::move(checked.binding);
}

SourcePtr Made::source() const { return make<MakeSource>(*this); }
StagePtr Made::stage() const { return make<MakeStage>(*this); }
std::unique_ptr<Aggregator> Made::aggregator() const { return make<MakeAggregator>(*this); }
SinkPtr Made::sink() const { return make<MakeSink>(*this); }
ModelPtr Made::model() const { return make<MakeModel>(*this); }

std::string mistakes(topology::Role role, const std::string& type, const std::string& yaml,
                     std::vector<topology::Input> inputs, const std::string& folder, SchemaPtr declared) {
  return check(role, type, yaml, inputs, folder, declared).mistakes;
}

std::string text(const StageOutput& out) {
  std::string all;
  for (const BatchPtr& batch : out.batches)
    all += batch->to_string();
  return all;
}

std::string reasons(const StageOutput& out) {
  std::string all;
  for (const Rejected& rejected : out.rejected)
    all += rejected.reason + (rejected.offset ? " @" + std::to_string(rejected.offset->value()) : "") + "\n";
  return all;
}

std::string process(Stage& stage, const BatchPtr& batch) {
  StageOutput out;
  const Status status = stage.process(batch, out);
  INFO(status.to_string());
  REQUIRE(status.ok());
  return text(out);
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "penstock-components-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Folder::write(const std::string& name, std::string_view content) const {
  std::ofstream(path(name), std::ios::binary) << content;
}

std::string Folder::read(const std::string& name) const {
  std::stringstream content;
  content << std::ifstream(path(name), std::ios::binary).rdbuf();
  return content.str();
}

std::string data_folder(const std::string& set) {
  const char* given = std::getenv("PENSTOCK_DATA");
  const std::string root = given != nullptr ? given : PENSTOCK_SOURCE_DIR "/../shared/data";
  if (std::filesystem::is_directory(root + "/" + set))
    return root + "/" + set;
  WARN("skipped: no folder " + root + "/" + set + " (set PENSTOCK_DATA to where the data sets are)");
  return "";
}

}  // namespace penstock::test
