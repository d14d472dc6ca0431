#include "topology/read_tests.h"

#include <algorithm>
#include <charconv>

#include "messages/timestamp.h"
#include "topology/hint.h"
#include "topology/read_property.h"
#include "topology/read_test_rows.h"

namespace penstock::topology {
namespace {

class TestReader {
 public:
  TestReader(const Entry& entry, const std::vector<BoundComponent>& components, Diagnostics& diagnostics)
      : entry_(entry), components_(components), diagnostics_(diagnostics), rows_(diagnostics) {}

  Test run() {
    test_.name = entry_.key;
    test_.place = entry_.key_place;
    const Node& node = entry_.value;
    if (node.kind == Node::Kind::kMap)
      read_round(node);
    else if (node.kind == Node::Kind::kList)
      for (const Node& round : node.items)
        read_round(round);
    else
      wrong(node.kind == Node::Kind::kNull ? entry_.key_place : node.place, "a test is a round, or a list of rounds",
            kRoundHint);
    if (!test_.rounds.empty() && !expects_)
      diagnostics_.warning(test_.place, "empty-test", "the test \"" + test_.name + "\" expects nothing",
                           "add `expect:` with the rows of a view, stage or sink");
    return std::move(test_);
  }

 private:
  static constexpr const char* kRoundHint = "with at, given, crash, advance and expect";

  void wrong(Place place, std::string text, std::string hint) {
    diagnostics_.error(place, "wrong-type", std::move(text), std::move(hint));
  }

  void read_round(const Node& node) {
    if (node.kind != Node::Kind::kMap)
      return wrong(node.place, "a round of a test is a map", kRoundHint);
    TestRound& round = test_.rounds.emplace_back();
    round.place = node.place;
    for (const Entry& entry : node.entries) {
      if (entry.key == "at")
        read_at(entry.value, round);
      else if (entry.key == "given")
        read_given(entry.value, round);
      else if (entry.key == "advance")
        read_advance(entry.value, round);
      else if (entry.key == "expect")
        read_expect(entry.value, round);
      else if (entry.key != "crash")
        unknown_key(entry, {"at", "given", "crash", "advance", "expect"}, "a test", diagnostics_);
    }
    if (const Node* crash = node.find("crash"))
      read_crashes(*crash, round);
    if (round.advance)
      now_.micros += round.advance->micros;
  }

  void read_at(const Node& node, TestRound& round) {
    if (node.broken)
      return;
    round.at = node.kind == Node::Kind::kScalar ? parse_timestamp(node.text) : std::nullopt;
    if (!round.at)
      return wrong(node.place, "at is the time of the clock", "such as 2026-01-01T12:00:00Z");
    if (test_.rounds.size() > 1 && round.at->micros < now_.micros)
      wrong(node.place, "the clock stands at " + format_timestamp(now_) + " already", "it does not go back");
    now_ = *round.at;
  }

  void read_advance(const Node& node, TestRound& round) {
    static const Property kAdvance{.name = "advance", .kind = Kind::kDuration, .meaning = "", .minimum = 0};
    if (const auto value = read_property(kAdvance, node, diagnostics_))
      round.advance = std::get<Duration>(value->value);
  }

  const BoundComponent* find(const std::string& id) const {
    for (const BoundComponent& bound : components_)
      if (bound.component.id == id)
        return &bound;
    return nullptr;
  }

  std::vector<std::string> names(bool sources_only) const {
    std::vector<std::string> out;
    for (const BoundComponent& bound : components_)
      if (sources_only ? bound.component.role == Role::kSource : shows_rows(bound))
        out.push_back(bound.component.id);
    if (!sources_only)
      out.emplace_back("dead_letters");
    return out;
  }

  static bool shows_rows(const BoundComponent& bound) {
    const Role role = bound.component.role;
    return role == Role::kSource || role == Role::kStage || role == Role::kSink || bound.binding.is_view;
  }

  void read_given(const Node& node, TestRound& round) {
    if (node.kind != Node::Kind::kMap)
      return wrong(node.place, "given is a map from sources to their rows", "such as {orders: [{id: 1}]}");
    for (const Entry& entry : node.entries) {
      const BoundComponent* source = find(entry.key);
      if (source == nullptr || source->component.role != Role::kSource) {
        diagnostics_.error(
            entry.key_place, "unknown-component", "there is no source \"" + entry.key + "\"",
            source ? entry.key + " is a " + std::string(role_name(source->component.role)) + "; rows come in at sources"
                   : nearest_hint(entry.key, names(true), "there are"));
      } else if (entry.value.kind != Node::Kind::kList) {
        wrong(entry.value.place, "the rows of " + entry.key + " are a list", "such as [{id: 1}, {id: 2}]");
      } else {
        Given& given = round.given.emplace_back();
        given.source = entry.key;
        for (const Node& row : entry.value.items)
          rows_.read_given(row, source->binding.output, given);
      }
    }
  }

  void read_crashes(const Node& node, TestRound& round) {
    size_t rows = 0;
    for (const Given& given : round.given)
      rows += given.rows.size();
    if (node.kind == Node::Kind::kList)
      for (const Node& item : node.items)
        read_crash(item, rows, round);
    else
      read_crash(node, rows, round);
    std::ranges::stable_sort(round.crashes, {}, &Crash::rows);
  }

  // `after 2 rows`, `failures after 1 row`.
  void read_crash(const Node& node, size_t rows, TestRound& round) {
    if (node.broken)
      return;
    Crash crash{node.place, 0, ""};
    std::string_view text = node.text;
    const size_t after = text.starts_with("after ") ? 0 : text.find(" after ");
    bool right = node.kind == Node::Kind::kScalar && after != std::string_view::npos;
    if (right) {
      crash.component = text.substr(0, after);
      text.remove_prefix(after == 0 ? 6 : after + 7);
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), crash.rows);
      const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
      right = error == std::errc() && crash.rows > 0 && (unit == " rows" || unit == " row");
    }
    if (!right)
      return wrong(node.place, "a crash says when, and of what",
                   "`after 2 rows` for the process, `NAME after 2 rows` for one component");
    if (crash.rows > rows)
      return diagnostics_.error(node.place, "wrong-value",
                                "the round has " + std::to_string(rows) + (rows == 1 ? " row" : " rows"),
                                "crash after one of them");
    const BoundComponent* component = crash.component.empty() ? nullptr : find(crash.component);
    const bool runs = component != nullptr && (component->component.role == Role::kStage ||
                                               component->binding.is_view || component->component.role == Role::kModel);
    if (!crash.component.empty() && !runs)
      return diagnostics_.error(node.place, "unknown-component", "there is no stage \"" + crash.component + "\"",
                                component ? "a crash is one of a stage, or of the process"
                                          : nearest_hint(crash.component, names(false), "there are"));
    round.crashes.push_back(std::move(crash));
  }

  void read_expect(const Node& node, TestRound& round) {
    expects_ = true;
    if (node.kind != Node::Kind::kMap)
      return wrong(node.place, "expect is a map from views, stages and sinks to rows", "such as {sums: [{user: 1}]}");
    for (const Entry& entry : node.entries) {
      const BoundComponent* component = find(entry.key);
      if (entry.key != "dead_letters" && (component == nullptr || !shows_rows(*component))) {
        diagnostics_.error(
            entry.key_place, "unknown-component", "there is nothing named \"" + entry.key + "\" that shows rows",
            entry.key.find('.') != std::string::npos ? "of outputs, those that some component reads are seen"
                                                     : nearest_hint(entry.key, names(false), "there are"));
        continue;
      }
      ExpectedRows& expectation = round.expect.emplace_back();
      expectation.place = entry.key_place;
      expectation.name = entry.key;
      read_expectation(entry.value, schema_of(component), component && component->binding.is_view, expectation);
    }
  }

  SchemaPtr schema_of(const BoundComponent* component) const {
    if (component == nullptr)
      return dead_letter_columns();
    if (component->component.role != Role::kSink)
      return component->binding.output;
    const BoundComponent* input = component->component.inputs.empty() ? nullptr : find(component->component.inputs[0]);
    return input ? input->binding.output : nullptr;
  }

  void read_expectation(const Node& node, const SchemaPtr& schema, bool view, ExpectedRows& out) {
    if (node.kind == Node::Kind::kList)
      return rows_.read_expected(node, schema, out);
    if (node.kind != Node::Kind::kMap)
      return wrong(node.place, "what " + out.name + " shows is a list of rows",
                   "or one of {exactly: [...]}, {contains: [...]}, {count: 3}");
    for (const Entry& entry : node.entries) {
      if (entry.key == "exactly" || entry.key == "contains") {
        out.mode = entry.key == "exactly" ? ExpectedRows::Mode::kExactly : ExpectedRows::Mode::kContains;
        if (entry.value.kind == Node::Kind::kList)
          rows_.read_expected(entry.value, schema, out);
        else
          wrong(entry.value.place, entry.key + " is a list of rows", "such as [{user: 1}]");
      } else if (entry.key == "count") {
        static const Property kCount{.name = "count", .kind = Kind::kInteger, .meaning = "", .minimum = 0};
        if (const auto value = read_property(kCount, entry.value, diagnostics_))
          out.count = static_cast<uint64_t>(std::get<int64_t>(value->value));
      } else if (entry.key == "emitted" && view) {
        static const Property kEmitted{.name = "emitted", .kind = Kind::kBool, .meaning = ""};
        if (const auto value = read_property(kEmitted, entry.value, diagnostics_))
          out.emitted = std::get<bool>(value->value);
      } else {
        std::vector<std::string> known = {"exactly", "contains", "count"};
        if (view)
          known.emplace_back("emitted");
        unknown_key(entry, known, "what " + out.name + " shows", diagnostics_);
      }
    }
    if (!node.find("exactly") && !node.find("contains") && !node.find("count"))
      wrong(node.place, "it is not said what " + out.name + " shows", "add exactly, contains or count");
    if (out.count && (node.find("exactly") || node.find("contains")))
      wrong(node.place, "count stands for itself", "leave out the rows, or count");
  }

  const Entry& entry_;
  const std::vector<BoundComponent>& components_;
  Diagnostics& diagnostics_;
  TestRowReader rows_;
  Test test_;
  Timestamp now_ = kTestBegin;
  bool expects_ = false;
};

}  // namespace

SchemaPtr dead_letter_columns() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"stage", Type::kString, true},
                                                                                    {"reason", Type::kString, true},
                                                                                    {"log", Type::kString, true},
                                                                                    {"record", Type::kString, true}});
  return schema;
}

std::vector<Test> read_tests(const Node& section, const std::vector<BoundComponent>& components,
                             Diagnostics& diagnostics) {
  std::vector<Test> tests;
  for (const Entry& entry : section.entries) {
    Diagnostics found;
    Test test = TestReader(entry, components, found).run();
    for (const Diagnostic& each : found.list())
      if (each.severity == Diagnostic::Severity::kError)
        diagnostics.error(each.place, each.code, each.text, each.hint);
      else
        diagnostics.warning(each.place, each.code, each.text, each.hint);
    if (!found.any_errors())
      tests.push_back(std::move(test));
  }
  return tests;
}

}  // namespace penstock::topology
