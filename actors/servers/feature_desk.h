// What a node offers of its feature stores: a key's features as of now or of a time. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/status.h"
#include "messages/record_batch.h"

namespace penstock {

struct FeatureAnswer {
  enum class Known {
    kYes,
    kNoEvents,   // the key had none up to then
    kExpired,    // its newest one up to then is longer ago than the ttl
    kForgotten,  // the history does not go back so far
  };
  Known known = Known::kNoEvents;
  BatchPtr row;        // key columns and features; null unless known
  Timestamp newest{};  // of kYes and kExpired: the newest event up to then
  Timestamp oldest{};  // of kForgotten: no time up to this one can be told
};

class FeatureDesk {
 public:
  virtual ~FeatureDesk() = default;
  /// Errors: not_found (no such store; names those there are), invalid_argument (the key), failed_precondition (it is
  /// starting), of the store.
  virtual Result<FeatureAnswer> read(const std::string& store, const std::vector<std::string>& key,
                                     std::optional<Timestamp> at) const = 0;
  /// Its features, in order. Errors: not_found.
  virtual Result<std::vector<std::string>> names(const std::string& store) const = 0;
};

}  // namespace penstock
