#include "tests/contributing/sample.h"

#include "messages/key.h"
#include "topology/bind_helpers.h"

namespace penstock {

Status Sample::process(const BatchPtr& batch, StageOutput& out) {
  Selection kept;
  std::string key;
  for (size_t i = 0; i < batch->rows(); ++i) {
    const size_t row = batch->row(i);
    key.clear();
    append_key(*batch, {&column_, 1}, row, key);
    if (static_cast<double>(hash_key(key) >> 11) * 0x1p-53 < fraction_)  // uniform in [0, 1)
      kept.push_back(static_cast<uint32_t>(row));
  }
  if (!kept.empty())
    out.batches.push_back(batch->select(std::move(kept)));
  return ok();
}

topology::ComponentType sample_type() {
  using topology::Kind;
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "sample";
  type.summary = "Keeps a fraction of the keys.";
  type.example = "some:\n  type: sample\n  input: orders\n  by: user\n  fraction: 0.1\n";
  type.properties = {
      {.name = "by", .kind = Kind::kColumn, .meaning = "The column that decides.", .required = true},
      {.name = "fraction",
       .kind = Kind::kNumber,
       .meaning = "How much to keep.",
       .required = true,
       .minimum = 0,
       .maximum = 1},
  };
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    const SchemaPtr& schema = context.inputs.front().schema;
    (void)topology::check_column(component, "by", schema, context.diagnostics);
    topology::Binding binding;
    binding.output = schema;
    return binding;
  };
  return type;
}

Result<StagePtr> make_sample(const MakeContext& context) {
  const size_t column = *context.inputs.front().schema->index_of(context.component.text("by"));
  return StagePtr(std::make_unique<Sample>(column, context.component.number("fraction")));
}

}  // namespace penstock
