#include "tests/simulation/outcome.h"

#include <algorithm>
#include <cassert>
#include <fstream>
#include <set>
#include <sstream>

#include "actors/regions/dead_letters.h"
#include "actors/regions/log_reader.h"
#include "messages/byte_io.h"
#include "messages/json_writer.h"
#include "messages/key.h"
#include "tests/simulation/receiver.h"

namespace penstock::simulation {
namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

class Collector {
 public:
  Collector(const Runtime& runtime, const Store& store, const std::string& folder)
      : runtime_(runtime), store_(store), plan_(runtime.plan), folder_(folder) {}

  Outcome run() {
    for (const topology::BoundComponent& bound : plan_.topology.components) {
      if (bound.binding.stateful || bound.component.role == topology::Role::kModel)
        take_state(bound);
    }
    for (const topology::PlannedLog& log : plan_.logs)
      take_log(log);
    for (const std::string& sink : plan_.sinks)
      take_delivered(sink);
    take_dead_letters();
    take_unread();
    return std::move(out_);
  }

 private:
  const topology::BoundComponent& bound(const std::string& id) const { return *plan_.topology.find(id); }

  void take_state(const topology::BoundComponent& bound) {
    const std::string& id = bound.component.id;
    const bool history = bound.component.role == topology::Role::kModel;
    auto& table = out_["table " + id];
    const Status scanned = store_.scan(id, "", [&](std::string_view key, std::string_view value) {
      if (!key.empty() && static_cast<unsigned char>(key[0]) >= 0xfe)
        return true;  // timers and watermarks: of each worker, and of when it ended its epochs
      table.push_back(hex(key) + " = " + (history ? history_text(value) : hex(value)));
      return true;
    });
    if (!scanned.ok())
      table.push_back(scanned.message());
    auto& view = out_["view " + id];
    for (const auto& worker : runtime_.views.get(id)) {
      const auto rows = worker ? worker->read_all(SIZE_MAX) : Result<BatchPtr>(not_found("a worker is missing"));
      if (!rows.ok())
        view.push_back(rows.status().message());
      for (size_t i = 0; rows.ok() && i < (*rows)->rows(); ++i)
        view.push_back(row_to_json(**rows, i));
    }
    if (bound.component.type != "sort")
      std::sort(view.begin(), view.end());
  }

  // As interaction_history.h has it, with the items by name.
  static std::string history_text(std::string_view value) {
    ByteReader reader(value);
    std::string out = std::to_string(reader.number<char>()) + " " + std::to_string(reader.number<int64_t>());
    std::set<std::string> items;
    for (auto left = reader.number<uint32_t>(); left > 0 && !reader.failed(); --left) {
      const auto weight = reader.number<float>();
      const std::string_view item = reader.bytes(reader.number<uint32_t>());
      items.insert(" " + std::string(item) + ":" + std::to_string(weight));
    }
    for (const std::string& item : items)
      out += item;
    return out;
  }

  // Whether the rows keep the order of the one partition that they come from.
  bool ordered(const std::string& id) const {
    const topology::BoundComponent& component = bound(id);
    if (component.component.role == topology::Role::kSource)
      return partitions(id) == 1 && component.component.type != "http";  // requests come in no order
    return component.component.inputs.size() == 1 && !component.binding.stateful &&
           ordered(component.component.inputs.front());
  }

  uint32_t partitions(const std::string& log) const {
    return store_.partitions(log).ok() ? *store_.partitions(log) : 0;
  }

  // The key columns of the view whose changes the component hands on; none: its rows are rows.
  std::vector<std::string> key_of_changes(const std::string& id) const {
    const topology::BoundComponent& component = bound(id);
    if (component.binding.is_view || component.component.role == topology::Role::kSource)
      return component.binding.key;
    return component.component.inputs.size() == 1 ? key_of_changes(component.component.inputs.front())
                                                  : std::vector<std::string>{};
  }
  bool hands_on_changes(const std::string& id) const {
    const topology::BoundComponent& component = bound(id);
    if (component.binding.emits_records)
      return false;
    return component.binding.is_view || component.binding.stateful ||
           (component.component.role == topology::Role::kStage &&
            std::any_of(component.component.inputs.begin(), component.component.inputs.end(),
                        [&](const std::string& input) { return hands_on_changes(input); }));
  }

  std::vector<std::string> rows_of(const std::string& log, const SchemaPtr& schema,
                                   std::map<std::string, std::string>* last_of_key,
                                   const std::vector<std::string>& key) const {
    std::vector<size_t> columns;
    for (const std::string& column : key)
      columns.push_back(*schema->index_of(column));
    std::vector<std::string> rows;
    LogReader reader(store_, nullptr, log, schema);
    if (const Status opened = reader.open(""); !opened.ok())
      return {opened.message()};
    while (true) {
      const auto batch = reader.next();
      if (!batch.ok())
        rows.push_back(batch.status().message());
      if (!batch.ok() || !*batch)
        return rows;
      for (size_t i = 0; i < (*batch)->rows(); ++i) {
        rows.push_back(row_to_json(**batch, i));
        std::string bytes;
        append_key(**batch, columns, (*batch)->row(i), bytes);
        if (last_of_key)
          (*last_of_key)[bytes] = rows.back();
      }
    }
  }

  void take_log(const topology::PlannedLog& log) {
    std::vector<std::string>& lines = out_["log " + log.name];
    if (!hands_on_changes(log.name)) {
      lines = rows_of(log.name, log.schema, nullptr, {});
      if (!ordered(log.name))
        std::sort(lines.begin(), lines.end());
      return;
    }
    const std::vector<std::string> key = key_of_changes(log.name);
    std::map<std::string, std::string> last;
    if (key.empty())  // changes of a sort: how many versions there were of what is open
      return;
    (void)rows_of(log.name, log.schema, &last, key);
    for (const auto& [bytes, row] : last)
      lines.push_back(row);
  }

  void take_delivered(const std::string& sink) {
    const topology::Component& component = bound(sink).component;
    const std::string& log = component.inputs.front();
    if (component.type == "receiver")
      return take_received(sink);
    std::vector<std::string> delivered;
    std::ifstream file(folder_ + "/" + component.text("path"));
    for (std::string line; std::getline(file, line);)
      delivered.push_back(line);
    std::vector<std::string> expected = rows_of(log, bound(log).binding.output, nullptr, {});
    const std::vector<std::string> as_delivered = delivered;
    if (partitions(log) > 1) {
      std::sort(delivered.begin(), delivered.end());
      std::sort(expected.begin(), expected.end());
    }
    out_["delivered " + sink] = delivered == expected ? std::vector<std::string>{"as in the log"} : as_delivered;
  }

  void take_received(const std::string& sink) {
    const topology::Component& component = bound(sink).component;
    const Receiver& receiver = Receiver::of(sink);
    std::vector<std::string>& lines = out_["delivered " + sink];
    std::vector<std::string> expected =
        rows_of(component.inputs.front(), bound(component.inputs.front()).binding.output, nullptr, {});
    if (component.has("refuses"))
      std::erase_if(expected,
                    [&](const std::string& row) { return row.find(component.text("refuses")) != std::string::npos; });
    std::vector<std::string> taken;
    for (const auto& [id, row] : receiver.taken())
      taken.push_back(row);
    std::sort(expected.begin(), expected.end());
    std::sort(taken.begin(), taken.end());
    if (!receiver.contradiction().empty())
      lines = {receiver.contradiction()};
    else
      lines = taken == expected ? std::vector<std::string>{"as in the log"} : taken;
  }

  void take_dead_letters() {
    std::vector<std::string>& lines = out_["dead letters"];
    LogReader reader(store_, nullptr, kDeadLettersLog, dead_letter_schema());
    if (const Status opened = reader.open(""); !opened.ok())
      lines.push_back(opened.message());
    const auto text = [](const RecordBatch& batch, const char* column, size_t i) {
      std::string out;
      append_value_json(*batch.column(*batch.schema()->index_of(column)), batch.row(i), out);
      return out;
    };
    for (auto batch = reader.next(); batch.ok() && *batch; batch = reader.next())
      for (size_t i = 0; i < (*batch)->rows(); ++i)
        lines.push_back(cause(text(**batch, "stage", i), text(**batch, "reason", i)) + " " +
                        text(**batch, "record", i));
    std::sort(lines.begin(), lines.end());
  }

  // What ended its handler is named after whatever ended it last.
  static std::string cause(const std::string& stage, const std::string& reason) {
    for (const char* end : {"poison", "the simulated process dies", "the process ended", "crashed by the simulation",
                            "supervisor died", "fault point"})
      if (reason.find(end) != std::string::npos)
        return "set aside:";
    return stage + " " + reason;
  }

  void take_unread() {
    std::vector<std::string>& lines = out_["unread"];
    const auto look = [&](const std::string& reader, const std::string& log) {
      for (uint32_t p = 0; p < partitions(log); ++p) {
        const auto range = store_.range(log, Partition(p));
        const auto position = store_.position(reader, log, Partition(p));
        const Offset at = position.ok() && *position ? **position : Offset(0);
        if (!range.ok() || at != range->next)
          lines.push_back(reader + " of " + log + " partition " + std::to_string(p) + " at " +
                          std::to_string(at.value()) + " of " + std::to_string(range->next.value()));
      }
    };
    for (const topology::PlannedRegion& region : plan_.regions)
      for (const std::string& log : region.reads)
        look(region.name, log);
    for (const std::string& sink : plan_.sinks)
      look(sink, bound(sink).component.inputs.front());
  }

  const Runtime& runtime_;
  const Store& store_;
  const topology::Plan& plan_;
  const std::string& folder_;
  Outcome out_;
};

}  // namespace

Outcome outcome_of(const Runtime& runtime, const Store& store, const std::string& folder) {
  return Collector(runtime, store, folder).run();
}

std::string first_difference(const Outcome& expected, const Outcome& actual) {
  static const std::vector<std::string> none;
  std::set<std::string> sections;
  for (const auto* outcome : {&expected, &actual})
    for (const auto& [section, lines] : *outcome)
      sections.insert(section);
  std::string first, others;
  for (const std::string& section : sections) {
    const auto want = expected.find(section), got = actual.find(section);
    const auto& wanted = want == expected.end() ? none : want->second;
    const auto& found = got == actual.end() ? none : got->second;
    if (wanted == found)
      continue;
    if (!first.empty()) {
      others += (others.empty() ? "\n  and: " : ", ") + section;
      continue;
    }
    size_t at = 0;
    while (at < wanted.size() && at < found.size() && wanted[at] == found[at])
      ++at;
    first = section + ", line " + std::to_string(at + 1) + " of " + std::to_string(wanted.size()) + " (" +
            std::to_string(found.size()) + "):\n  expected " + (at < wanted.size() ? wanted[at] : "(nothing)") +
            "\n  found    " + (at < found.size() ? found[at] : "(nothing)");
  }
  return first + others;
}

std::string all_differences(const Outcome& expected, const Outcome& actual) {
  std::string out;
  const auto lines_only_in = [&](const Outcome& here, const Outcome& there, char mark) {
    for (const auto& [section, lines] : here) {
      std::multiset<std::string> others;
      if (const auto found = there.find(section); found != there.end())
        others.insert(found->second.begin(), found->second.end());
      for (const std::string& line : lines) {
        if (const auto same = others.find(line); same != others.end())
          others.erase(same);
        else
          out += mark + (" " + section + ": ") + line + "\n";
      }
    }
  };
  lines_only_in(expected, actual, '-');
  lines_only_in(actual, expected, '+');
  return out;
}

}  // namespace penstock::simulation
