#include "topology/component_type.h"

namespace penstock::topology {

std::string Routing::to_string() const {
  if (kind == Kind::kForward)
    return "forward";
  std::string out = "exchange(";
  for (const std::string& column : columns)
    out += (out.back() == '(' ? "" : ", ") + column;
  return out + ")";
}

const ComponentType* Catalogue::find(Role role, std::string_view name) const {
  for (const ComponentType& type : types_)
    if (type.role == role && type.name == name)
      return &type;
  return nullptr;
}

std::vector<std::string> Catalogue::names(Role role) const {
  std::vector<std::string> out;
  for (const ComponentType& type : types_)
    if (type.role == role && !type.internal)
      out.push_back(type.name);
  return out;
}

}  // namespace penstock::topology
