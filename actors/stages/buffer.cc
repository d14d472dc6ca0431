#include "actors/stages/buffer.h"

#include "actors/components.h"

namespace penstock {

Status Buffer::process(const BatchPtr& batch, StageOutput& out) {
  if (batch->rows() > 0)
    out.batches.push_back(batch);
  return ok();
}

topology::ComponentType buffer_type() {
  using topology::Kind;
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "buffer";
  type.summary =
      "Keeps its rows in a log of its own, for a time or up to a size; what reads it may be slow, fail or be away "
      "without holding back what is before.";
  type.example =
      "waiting:\n"
      "  type: buffer\n"
      "  input: shop\n"
      "  retain_for: 1h\n"
      "  retain_bytes: 1GiB\n";
  type.properties = {
      {.name = "retain_for",
       .kind = Kind::kDuration,
       .meaning = "How long a row is kept; a reader that comes later has lost it, which is an error in the log and a "
                  "metric. Without `retain_for` and `retain_bytes` all rows are kept.",
       .minimum = 1},
      {.name = "retain_bytes",
       .kind = Kind::kBytes,
       .meaning = "How many stored bytes are kept, the newest; default: all.",
       .minimum = 1024},
  };
  type.bind = [](const topology::Component&, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = context.inputs[0].schema;
    binding.key = context.inputs[0].key;  // see view_input.h
    binding.own_log = true;
    return binding;
  };
  return type;
}

Result<StagePtr> make_buffer(const MakeContext&) { return StagePtr(std::make_unique<Buffer>()); }

}  // namespace penstock
