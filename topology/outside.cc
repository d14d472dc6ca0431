#include "topology/outside.h"

#include <algorithm>
#include <vector>

#include "topology/by_type.h"
#include "topology/spec.h"

namespace penstock::topology {
namespace {

std::string type_of(const Entry& stage) {
  const Node* type = stage.value.find("type");
  return type != nullptr && type->kind == Node::Kind::kScalar && !type->broken ? type->text : "";
}

Node* section(Node& root, const std::string& name) {
  for (Entry& entry : root.entries)
    if (entry.key == name)
      return &entry.value;
  Entry& made = root.entries.emplace_back();
  made.key = name;
  made.key_place = made.value.place = root.place;
  return &made.value;
}

void add(Node& root, const std::string& section_name, Entry component) {
  Node& to = *section(root, section_name);
  if (to.kind == Node::Kind::kNull)
    to.kind = Node::Kind::kMap;
  if (to.kind == Node::Kind::kMap)  // else the mistake is reported when the section is read
    to.entries.push_back(std::move(component));
}

// One end of the stage: what both take, and the entries of the map `own`.
Entry end_of(const Entry& stage, std::string id, const Node& declared, std::string_view own, bool inputs) {
  Entry out = stage;
  out.key = std::move(id);
  out.value.entries.clear();
  for (const Entry& entry : declared.entries) {
    const bool is_end = entry.key == "write" || entry.key == "read";
    const bool is_input = entry.key == "input" || entry.key == "inputs";
    if (is_end && entry.value.kind == Node::Kind::kMap) {
      if (entry.key == own)
        out.value.entries.insert(out.value.entries.end(), entry.value.entries.begin(), entry.value.entries.end());
    } else if (inputs || !is_input) {
      out.value.entries.push_back(entry);
    }
  }
  return out;
}

}  // namespace

bool lies_outside(const Catalogue& catalogue, const std::string& type) {
  const ComponentType* source = catalogue.find(Role::kSource, type);
  const ComponentType* sink = catalogue.find(Role::kSink, type);
  return source != nullptr && !source->internal && sink != nullptr && !sink->internal &&
         catalogue.find(Role::kStage, type) == nullptr;
}

Node with_outside(Node root, const Catalogue& catalogue) {
  const auto stages = std::find_if(root.entries.begin(), root.entries.end(),
                                   [](const Entry& entry) { return entry.key == section_name(Role::kStage); });
  if (stages == root.entries.end())
    return root;
  std::vector<std::pair<Entry, Node>> outside;
  std::erase_if(stages->value.entries, [&](const Entry& stage) {
    if (!lies_outside(catalogue, type_of(stage)))
      return false;
    Node declared = entries_of_type(stage.value, catalogue, Role::kStage, type_of(stage));
    if (declared.find("read") == nullptr)
      return false;  // most likely a sink in the wrong section
    outside.emplace_back(stage, std::move(declared));
    return true;
  });
  for (const auto& [stage, declared] : outside) {
    add(root, section_name(Role::kSource), end_of(stage, stage.key, declared, "read", false));
    add(root, section_name(Role::kSink), end_of(stage, stage.key + "-out", declared, "write", true));
  }
  return root;
}

}  // namespace penstock::topology
