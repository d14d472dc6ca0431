#include "topology/variables.h"

#include <cctype>
#include <string>

namespace penstock::topology {
namespace {

bool is_name(std::string_view name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])))
    return false;
  for (const char c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_')
      return false;
  return true;
}

class Resolver {
 public:
  Resolver(Node& node, const Environment& environment, Diagnostics& diagnostics)
      : node_(node), environment_(environment), diagnostics_(diagnostics) {}

  void run() {
    size_t from = 0;
    for (size_t dollar; (dollar = node_.text.find("${", from)) != std::string::npos;) {
      if (dollar > from && node_.text[dollar - 1] == '$') {
        copy(from, dollar);
        copy(dollar + 1, dollar + 2);  // the `{` of `$${`; its first `$` was copied
        from = dollar + 2;
        continue;
      }
      copy(from, dollar);
      const size_t end = node_.text.find('}', dollar);
      if (end == std::string::npos)
        return broken(dollar, "bad-variable", "a variable that begins with ${ does not end",
                      "write ${NAME} or ${NAME:-default}; $${ stands for a literal ${");
      if (!replace(dollar, std::string_view(node_.text).substr(dollar + 2, end - dollar - 2)))
        return;
      from = end + 1;
    }
    if (out_.empty() && from == 0)
      return;
    copy(from, node_.text.size());
    node_.text = std::move(out_);
    node_.text_map = std::move(map_);
  }

 private:
  Place place(size_t offset) const { return node_.text_map.at(offset, node_.place); }

  void copy(size_t from, size_t to) {
    for (size_t i = from; i < to; ++i) {
      const Place here = place(i);
      if (i == from || here != Place{last_.line, last_.column + 1})
        map_.add(out_.size(), here);
      last_ = here;
      out_ += node_.text[i];
    }
  }

  bool replace(size_t dollar, std::string_view reference) {
    const size_t dash = reference.find(":-");
    const std::string name(reference.substr(0, dash));
    if (!is_name(name)) {
      broken(dollar, "bad-variable", "\"" + name + "\" is not the name of a variable",
             "letters, digits and _, as in ${NAME} or ${NAME:-default}; $${ stands for a literal ${");
      return false;
    }
    std::optional<std::string> value = environment_(name);
    const bool has_default = dash != std::string_view::npos;
    if (has_default && (!value || value->empty()))
      value = reference.substr(dash + 2);
    if (!value) {
      broken(dollar, "missing-variable", "the environment variable " + name + " is not set",
             "set it, or give it a default: ${" + name + ":-default}");
      return false;
    }
    map_.add(out_.size(), place(dollar), true);
    out_ += *value;
    last_ = {};
    node_.quoted = false;  // `{a: "${N}"}` has to be quoted in YAML, and may still be a number
    return true;
  }

  void broken(size_t offset, std::string code, std::string text, std::string hint) {
    diagnostics_.error(place(offset), std::move(code), std::move(text), std::move(hint));
    node_.broken = true;
  }

  Node& node_;
  const Environment& environment_;
  Diagnostics& diagnostics_;
  std::string out_;
  TextMap map_;
  Place last_;
};

}  // namespace

void resolve_variables(Node& node, const Environment& environment, Diagnostics& diagnostics) {
  if (node.kind == Node::Kind::kScalar)
    Resolver(node, environment, diagnostics).run();
  for (Node& item : node.items)
    resolve_variables(item, environment, diagnostics);
  for (Entry& entry : node.entries)
    resolve_variables(entry.value, environment, diagnostics);
}

}  // namespace penstock::topology
