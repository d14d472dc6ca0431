#include "topology/expect.h"

#include <algorithm>
#include <set>

namespace penstock::topology {
namespace {

// Of a batch that is kept as it was before encoding: see actors/regions/batch_cache.h.
constexpr double kBatchCache = 64 << 20;
constexpr double kBatchCacheShare = 8;

class Expecting {
 public:
  Expecting(const Plan& plan, const Catalogue& catalogue, Expectation& out)
      : plan_(plan), catalogue_(catalogue), out_(out) {
    for (const std::string& id : plan.models) {
      const Component& model = plan.topology.find(id)->component;
      users_.insert(model.text("user"));
      items_.insert(model.text("item"));
    }
  }

  void run() {
    for (const BoundComponent& bound : plan_.topology.components)
      add_parts(bound);
    for (const PlannedLog& log : plan_.logs)
      add_log(log);
    for (const PlannedRegion& region : plan_.regions)
      out_.in_flight += static_cast<double>(region.in_flight.count);
    const double budget = static_cast<double>(out_.memory_budget);
    out_.batch_cache = budget > 0 ? std::min(kBatchCache, budget / kBatchCacheShare) : kBatchCache;
    add_up();
  }

 private:
  struct Keys {
    double count = 1;
    bool guessed = false;
  };

  // Of how many different values a column is; a column that is neither a model's user nor item: nobody knows.
  Keys values_of(const std::string& column) const {
    if (users_.contains(column))
      return {static_cast<double>(out_.scale.users), false};
    if (items_.contains(column))
      return {static_cast<double>(out_.scale.items), false};
    return {static_cast<double>(std::max(out_.scale.users, out_.scale.items)), true};
  }

  Keys keys_of(const BoundComponent& bound) const {
    if (const auto given = out_.scale.keys.find(bound.component.id); given != out_.scale.keys.end())
      return {static_cast<double>(given->second), false};
    if (bound.binding.key.empty() && !bound.component.inputs.empty() && bound.binding.is_view &&
        plan_.topology.find(bound.component.inputs[0])->binding.is_view)
      return keys_of(*plan_.topology.find(bound.component.inputs[0]));  // a sort of a view has its rows
    Keys keys;
    for (const std::string& column : bound.binding.key) {
      const Keys values = values_of(column);
      keys = {keys.count * values.count, keys.guessed || values.guessed};
    }
    return keys;
  }

  void add_parts(const BoundComponent& bound) {
    const ComponentType* type = catalogue_.find(bound.component.role, bound.component.type);
    if (!type || !type->expect)
      return;
    std::vector<Input> inputs;
    for (const std::string& id : bound.component.inputs) {
      const Binding& from = plan_.topology.find(id)->binding;
      inputs.push_back({id, from.output, from.is_view, from.key});
    }
    const Keys keys = keys_of(bound);
    const uint64_t limit = bound.component.has("memory") ? bound.component.bytes("memory").count : 0;
    for (Expected& expected : type->expect({bound.component, inputs, out_.scale, keys.count})) {
      const bool state = expected.kind == Expected::Kind::kState;
      const bool guessed = keys.guessed && (state || expected.kind == Expected::Kind::kDisk);
      out_.parts.push_back({bound.component.id, std::move(expected), state ? limit : 0, guessed});
    }
  }

  void add_log(const PlannedLog& planned) {
    ExpectedLog log{.log = planned.name};
    for (const Field& field : planned.schema->fields())
      log.bytes_a_row += stored_bytes(field.type);
    if (out_.scale.events_a_day)
      log.bytes_a_day = log.bytes_a_row * *out_.scale.events_a_day;
    if (planned.retain_bytes)
      log.bytes_kept = static_cast<double>(planned.retain_bytes->count) * planned.partitions;
    if (planned.retain_for && log.bytes_a_day) {
      const double of_time = *log.bytes_a_day * planned.retain_for->seconds() / 86'400;
      log.bytes_kept = log.bytes_kept ? std::min(*log.bytes_kept, of_time) : of_time;
    }
    out_.logs.push_back(std::move(log));
  }

  void add_up() {
    for (const ExpectedPart& part : out_.parts) {
      const double bytes = part.expected.bytes();
      switch (part.expected.kind) {
        case Expected::Kind::kState:
          out_.state += part.limit > 0 ? std::min(bytes, static_cast<double>(part.limit)) : bytes;
          break;
        case Expected::Kind::kMemory: out_.other_memory += bytes; break;
        case Expected::Kind::kTraining: out_.training = std::max(out_.training, bytes); break;
        case Expected::Kind::kDisk: out_.tables += bytes; break;
      }
    }
  }

  const Plan& plan_;
  const Catalogue& catalogue_;
  Expectation& out_;
  std::set<std::string> users_, items_;  // columns
};

}  // namespace

double key_bytes(Type type) {
  switch (type) {
    case Type::kBool: return 2;
    case Type::kInt64:
    case Type::kFloat64:
    case Type::kTimestamp: return 9;
    case Type::kString: return 15;
    case Type::kJson: return 67;
  }
  return 0;
}

// Measured on shop events: columns are packed and compressed.
double stored_bytes(Type type) {
  switch (type) {
    case Type::kBool: return 0.2;
    case Type::kInt64: return 1.5;
    case Type::kFloat64: return 2.5;
    case Type::kTimestamp: return 2;
    case Type::kString: return 3;
    case Type::kJson: return 20;
  }
  return 0;
}

Expectation expect(const Plan& plan, const Catalogue& catalogue, const Scale& scale, uint64_t memory_budget,
                   uint64_t disk_budget) {
  Expectation out;
  out.scale = scale;
  out.memory_budget = memory_budget;
  out.disk_budget = disk_budget;
  Expecting(plan, catalogue, out).run();
  return out;
}

}  // namespace penstock::topology
