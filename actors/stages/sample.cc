#include "actors/stages/sample.h"

#include <numeric>

#include "actors/components.h"
#include "core/random.h"
#include "messages/byte_io.h"
#include "messages/key.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;

SamplePlan plan_sample(const Component& component, const SchemaPtr& input, topology::Diagnostics& diagnostics) {
  SamplePlan plan;
  const bool fraction = component.has("fraction"), every = component.has("every");
  if (fraction == every)
    diagnostics.error(
        every ? component.place_of("every") : component.place, every ? "conflict" : "missing-key",
        every ? "fraction and every do not go together" : "the sample " + component.id + " needs fraction or every",
        "write `fraction: 0.1` for a tenth chosen by hash, or `every: 10` for each tenth record");
  if (fraction)
    plan.fraction = component.number("fraction");
  if (every)
    plan.every = static_cast<uint64_t>(component.integer("every"));
  plan.seed = static_cast<uint64_t>(component.integer("seed"));
  if (component.has("key"))
    plan.key = topology::check_columns(component, "key", input, diagnostics).value_or(std::vector<size_t>());
  return plan;
}

}  // namespace

bool Sample::keeps(uint64_t hash) const {
  if (!plan_.fraction)
    return hash % plan_.every == 0;
  return static_cast<double>(hash >> 11) * 0x1.0p-53 < *plan_.fraction;
}

uint64_t Sample::hash(const RecordBatch& batch, size_t i) {
  bytes_.clear();
  if (!plan_.key.empty()) {
    append_key(batch, plan_.key, batch.row(i), bytes_);
  } else if (batch.origin()) {
    append_number(batch.origin()->partition.value(), bytes_);
    append_number(batch.offset(i).value(), bytes_);
  } else {
    std::vector<size_t> all(batch.columns().size());
    std::iota(all.begin(), all.end(), 0);
    append_key(batch, all, batch.row(i), bytes_);
  }
  return splitmix64(hash_key(bytes_) ^ splitmix64(plan_.seed));
}

Status Sample::process(const BatchPtr& batch, StageOutput& out) {
  const bool by_place = !plan_.fraction && plan_.key.empty() && batch->origin();
  Selection kept;
  for (size_t i = 0; i < batch->rows(); ++i)
    if (by_place ? batch->offset(i).value() % plan_.every == 0 : keeps(hash(*batch, i)))
      kept.push_back(static_cast<uint32_t>(batch->row(i)));
  if (!kept.empty())
    out.batches.push_back(kept.size() == batch->rows() ? batch : batch->select(std::move(kept)));
  return ok();
}

topology::ComponentType sample_type() {
  using topology::Kind;
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "sample";
  type.summary = "Keeps a share of the rows, the same ones at every replay.";
  type.example =
      "some_users:\n"
      "  type: sample\n"
      "  input: shop\n"
      "  fraction: 0.1\n"
      "  key: [user_id]\n";
  type.properties = {
      {.name = "fraction",
       .kind = Kind::kNumber,
       .meaning = "The share of the rows, or of the keys, that is kept.",
       .minimum = 0,
       .maximum = 1},
      {.name = "every",
       .kind = Kind::kInteger,
       .meaning = "Keeps one record of so many instead: of each partition those whose offset is a multiple of it.",
       .minimum = 1,
       .unit = "rows"},
      {.name = "key",
       .kind = Kind::kList,
       .meaning = "Columns whose values decide: rows that agree in them are all kept or all dropped; default: the "
                  "record's place in its log.",
       .minimum = 1,
       .element = Kind::kColumn},
      {.name = "seed",
       .kind = Kind::kInteger,
       .meaning = "Another seed chooses other rows.",
       .default_value = "0",
       .minimum = 0},
  };
  type.bind = [](const Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = context.inputs[0].schema;
    binding.key = context.inputs[0].key;  // see view_input.h
    (void)plan_sample(component, binding.output, context.diagnostics);
    return binding;
  };
  return type;
}

Result<StagePtr> make_sample(const MakeContext& context) {
  topology::Diagnostics diagnostics;
  return StagePtr(std::make_unique<Sample>(plan_sample(context.component, context.inputs[0].schema, diagnostics)));
}

}  // namespace penstock
