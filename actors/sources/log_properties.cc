#include "actors/sources/log_properties.h"

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
  };
}

}  // namespace penstock
