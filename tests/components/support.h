// What the tests of components share: batches from JSON lines, components from YAML, outputs as short strings.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/components.h"
#include "core/clock.h"

namespace penstock::test {

SchemaPtr schema(std::vector<Field> fields);
/// Rows written as JSON objects, one a line.
BatchPtr rows(const SchemaPtr& schema, std::string_view lines);
/// The same with the offsets first, first + 1, ... of partition 0.
BatchPtr rows_at(const SchemaPtr& schema, std::string_view lines, uint64_t first);

/// A component, bound and made as a node does it; REQUIREs that it has no mistakes.
class Made {
 public:
  /// `yaml`: the properties, as in `where: a > 1`; `type` as in the registry.
  Made(topology::Role role, const std::string& type, const std::string& yaml, std::vector<topology::Input> inputs,
       std::string folder = ".", SchemaPtr declared = nullptr);

  SourcePtr source() const;
  StagePtr stage() const;
  std::unique_ptr<Aggregator> aggregator() const;
  SinkPtr sink() const;
  ModelPtr model() const;
  MakeContext context() const { return {component, binding, inputs, folder, *clock}; }

  topology::Component component;
  topology::Binding binding;
  std::vector<topology::Input> inputs;
  std::string folder;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
};

/// What the checks of a component say: `code: text (hint)`, one a line.
std::string mistakes(topology::Role role, const std::string& type, const std::string& yaml,
                     std::vector<topology::Input> inputs, const std::string& folder = ".",
                     SchemaPtr declared = nullptr);

/// The rows of all batches, one a line, values parted by `|`.
std::string text(const StageOutput& out);
/// The rejected records, `reason @offset`, one a line.
std::string reasons(const StageOutput& out);
std::string process(Stage& stage, const BatchPtr& batch);

/// A folder of its own, removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  void write(const std::string& name, std::string_view content) const;
  std::string read(const std::string& name) const;

 private:
  std::string path_;
};

/// The folder of the real data sets, or empty (with a warning) if it is not there.
std::string data_folder(const std::string& set);

}  // namespace penstock::test
