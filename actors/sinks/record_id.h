// The stable id of a record that goes outside: the same however often it is delivered, after whatever crash.
#pragma once

#include <string>

#include "core/ids.h"

namespace penstock {

/// `orders/0/41`: log, partition, offset.
inline std::string record_id(const std::string& log, Partition partition, Offset offset) {
  return log + "/" + std::to_string(partition.value()) + "/" + std::to_string(offset.value());
}

}  // namespace penstock
