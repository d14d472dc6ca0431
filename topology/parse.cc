#include "topology/parse.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "core/units.h"
#include "topology/text.h"
#include "topology/variables.h"

namespace penstock::topology {
namespace {

// Ends the reading of a document from inside the YAML library; its mistake was reported.
struct Stop {};

// Builds nodes from the library's events, so that no graph of the library's own (which may be cyclic) ever exists.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const Text& text, Diagnostics& diagnostics) : text_(text), diagnostics_(diagnostics) {}

  std::optional<Node> take() { return std::move(root_); }
  size_t documents() const { return documents_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2)
      stop(place(mark), "several-documents", "a second document begins here",
           "one file holds one topology; remove the ---");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    begin(mark, anchor, Node::Kind::kNull);
    end();
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node& node = begin(mark, anchor, Node::Kind::kScalar);
    check_tag(mark, tag);
    charge(mark, 0, value.size());
    if (is_unclosed(text_, static_cast<size_t>(mark.pos)))  // the library takes the end of the file for the other quote
      stop(node.place, "syntax", "this is not YAML: a quoted text begins here and never ends", "close the quotes");
    node.text = value;
    node.quoted = tag == "!";
    node.text_map = map_scalar(text_, static_cast<size_t>(mark.pos), value);
    end();
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    begin(mark, anchor, Node::Kind::kList);
    check_tag(mark, tag);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    begin(mark, anchor, Node::Kind::kMap);
    check_tag(mark, tag);
  }
  void OnMapEnd() override { end(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      stop(place(mark), "cyclic-alias", "this alias stands inside the value it refers to", "write the value out");
    charge(mark, found->second.nodes, found->second.bytes);
    open_.emplace_back();
    open_.back().node = found->second.node;
    end();
  }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    size_t nodes_before = 0;
    size_t bytes_before = 0;
    std::string key;  // of a map: read, its value is awaited
    Place key_place;
    bool has_key = false;
    bool drop_value = false;                     // the key was wrong
    std::unordered_map<std::string, int> lines;  // of the keys so far
  };
  struct Anchored {
    Node node;
    size_t nodes;
    size_t bytes;
  };

  Place place(const YAML::Mark& mark) const { return text_.place(static_cast<size_t>(std::max(mark.pos, 0))); }

  [[noreturn]] void stop(Place where, std::string code, std::string text, std::string hint) {
    diagnostics_.error(where, std::move(code), std::move(text), std::move(hint));
    throw Stop();
  }

  // Counts what is kept in memory. Aliases count as what they stand for, so that few lines cannot become gigabytes.
  void charge(const YAML::Mark& mark, size_t nodes, size_t bytes) {
    nodes_ += nodes;
    bytes_ += bytes;
    if (nodes_ > kMaxNodes || bytes_ > 4 * kMaxFileBytes)
      stop(place(mark), "too-large",
           "the file has more than " + std::to_string(kMaxNodes) + " values or " + to_string(Bytes{4 * kMaxFileBytes}) +
               " of text, aliases expanded",
           "split the topology");
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!")
      diagnostics_.error(place(mark), "unsupported-yaml", "the tag " + tag + " is not supported", "leave it out");
  }

  Node& begin(const YAML::Mark& mark, YAML::anchor_t anchor, Node::Kind kind) {
    if (open_.size() >= kMaxDepth)
      stop(place(mark), "too-deep", "more than " + std::to_string(kMaxDepth) + " levels of nesting", "");
    open_.emplace_back();
    open_.back().anchor = anchor;
    open_.back().nodes_before = nodes_;
    open_.back().bytes_before = bytes_;
    charge(mark, 1, 0);
    mark_ = mark;
    Node& node = open_.back().node;
    node.kind = kind;
    node.place = place(mark);
    return node;
  }

  // The innermost open node is complete: it becomes the root, an item, a key or a value.
  void end() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) {
      const Anchored anchored{done.node, nodes_ - done.nodes_before, bytes_ - done.bytes_before};
      charge(mark_, anchored.nodes, anchored.bytes);  // the copy kept for its aliases
      anchors_[done.anchor] = anchored;
    }
    if (open_.empty()) {
      if (!root_)
        root_ = std::move(done.node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::kList)
      parent.node.items.push_back(std::move(done.node));
    else if (!parent.has_key)
      take_key(parent, done.node);
    else
      take_value(parent, std::move(done.node));
  }

  void take_key(Open& map, const Node& key) {
    map.has_key = true;
    map.drop_value = true;
    map.key_place = key.place;
    if (key.kind != Node::Kind::kScalar) {
      diagnostics_.error(key.place, "bad-key",
                         key.kind == Node::Kind::kNull ? "a key is empty" : "a key is a list or a map",
                         "keys are plain words");
      return;
    }
    map.key = key.text;
    if (key.text == "<<" && !key.quoted) {
      diagnostics_.error(key.place, "unsupported-yaml", "merge keys (<<) are not supported",
                         "write the keys out, or use an alias for a whole value");
      return;
    }
    const auto [first, fresh] = map.lines.emplace(key.text, key.place.line);
    if (!fresh) {
      diagnostics_.error(key.place, "duplicate-key",
                         "the key " + key.text + " is there twice; first in line " + std::to_string(first->second),
                         "remove one of them");
      return;
    }
    map.drop_value = false;
  }

  static void take_value(Open& map, Node value) {
    if (value.kind == Node::Kind::kNull)
      value.place = map.key_place;  // the library's mark is that of whatever comes next
    if (!map.drop_value)
      map.node.entries.push_back({std::move(map.key), map.key_place, std::move(value)});
    map.has_key = false;
  }

  const Text& text_;
  Diagnostics& diagnostics_;
  std::optional<Node> root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  YAML::Mark mark_;  // of the node that began last
  size_t nodes_ = 0;
  size_t bytes_ = 0;
  size_t documents_ = 0;
};

std::string hint_for_syntax(const Text& text, Place where) {
  for (int line = where.line; line >= std::max(1, where.line - 1); --line) {
    const std::string_view content = text.line(line);
    if (content.substr(0, content.find_first_not_of(" \t")).find('\t') != std::string_view::npos)
      return "line " + std::to_string(line) + " is indented with a tab; YAML wants spaces";
  }
  if (text.line(where.line).find("${") != std::string_view::npos)
    return "inside { } and [ ] a variable has to be quoted: \"${NAME}\"";
  return "";
}

std::optional<Node> read_document(const Text& text, Diagnostics& diagnostics) {
  Builder builder(text, diagnostics);
  try {
    std::istringstream stream{std::string(text.text())};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    const Place where = text.place(error.mark.is_null() ? 0 : static_cast<size_t>(error.mark.pos));
    diagnostics.error(where, "syntax", "this is not YAML: " + error.msg, hint_for_syntax(text, where));
    return std::nullopt;
  }
  return builder.take();
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

std::optional<Node> parse(std::string_view file_text, const Environment& environment, Diagnostics& diagnostics) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (file_text.starts_with(kByteOrderMark))
    file_text.remove_prefix(kByteOrderMark.size());
  const Place start{1, 1};
  if (file_text.size() > kMaxFileBytes) {
    diagnostics.error(start, "too-large",
                      "the file has " + std::to_string(file_text.size()) + " bytes; a topology has at most " +
                          std::to_string(kMaxFileBytes));
    return std::nullopt;
  }
  const Text text(file_text);
  if (const auto offset = text.first_non_text()) {
    diagnostics.error(text.place(*offset), "not-text",
                      "this is not a text file: a byte that is neither UTF-8 nor printable",
                      "a topology is YAML in UTF-8");
    return std::nullopt;
  }
  std::optional<Node> root = read_document(text, diagnostics);
  if (!root || root->kind == Node::Kind::kNull) {
    if (!diagnostics.any_errors())
      diagnostics.error(start, "empty", "the file is empty",
                        "a topology begins with `name:`, `schemas:` and `sources:`");
    return std::nullopt;
  }
  if (root->kind != Node::Kind::kMap) {
    diagnostics.error(root->place, "wrong-type", "the file is not a map of keys",
                      "a topology begins with `name:`, `schemas:` and `sources:`");
    return std::nullopt;
  }
  resolve_variables(*root, environment, diagnostics);
  return root;
}

}  // namespace penstock::topology
