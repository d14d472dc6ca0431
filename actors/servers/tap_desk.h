// What the API asks of a node whose rows are to be watched as they go by.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/status.h"
#include "messages/record_batch.h"

namespace penstock {

class TapDesk {
 public:
  virtual ~TapDesk() = default;

  /// What the component emits. Errors: not_found (no such source, stage, output or sink; names the nearest).
  virtual Result<SchemaPtr> schema(const std::string& component) const = 0;
  using Listener = std::function<void(const BatchPtr& rows)>;
  /// Calls the listener with all rows that the component emits from now on, by the thread that made them, until the result
  /// is let go of. Rows of an epoch that fails come again. Requires: schema() is ok; the desk outlives the result.
  virtual std::shared_ptr<void> listen(const std::string& component, Listener listener) = 0;
};

}  // namespace penstock
