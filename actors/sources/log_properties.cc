#include "actors/sources/log_properties.h"

#include "topology/bind_helpers.h"

namespace penstock {

std::vector<topology::Property> log_properties() {
  using topology::Kind;
  return {
      {.name = "partitions",
       .kind = Kind::kInteger,
       .meaning = "How many partitions the source's log has.",
       .default_value = "1",
       .minimum = 1,
       .maximum = 64},
      {.name = "key",
       .kind = Kind::kColumn,
       .meaning = "The column whose value decides a record's partition; default: batches go to all in turn."},
      {.name = "retain_for",
       .kind = Kind::kDuration,
       .meaning =
           "How long the log keeps a record after it was taken in; default: for ever. Trainings see what is kept.",
       .minimum = 1},
      {.name = "retain_bytes",
       .kind = Kind::kBytes,
       .meaning = "How many stored bytes the log keeps of each partition, the newest; default: all.",
       .minimum = 1024},
      {.name = "max_bytes",
       .kind = Kind::kBytes,
       .meaning =
           "Once the log holds this many stored bytes, nothing more is taken in until retention has dropped some; "
           "default: no limit but the disk's.",
       .minimum = 1024},
  };
}

void check_log(const topology::Component& component, const SchemaPtr& schema, topology::Diagnostics& diagnostics) {
  (void)topology::check_column(component, "key", schema, diagnostics);
  if (!component.has("max_bytes") || component.has("retain_for"))
    return;
  const uint64_t most = component.bytes("max_bytes").count;
  if (!component.has("retain_bytes")) {
    diagnostics.warning(component.place_of("max_bytes"), "never-frees",
                        "nothing ever drops records of " + component.id + ", so at max_bytes it stops for good",
                        "add retain_for or retain_bytes");
    return;
  }
  const uint64_t kept = component.bytes("retain_bytes").count * static_cast<uint64_t>(component.integer("partitions"));
  if (kept >= most)
    diagnostics.error(component.place_of("max_bytes"), "conflict",
                      "retain_bytes keeps up to " + to_string(Bytes{kept}) + " in all partitions, and max_bytes is " +
                          to_string(Bytes{most}) + ": once full, the log would stay full",
                      "make max_bytes larger than that");
}

}  // namespace penstock
