// What fuzz targets share: a fuzzed input taken apart, schemas to decode into, and the demand that something holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "messages/record_batch.h"

namespace penstock::fuzz {

/// Choices off the front of an input, as text so that a corpus can be read: one line of letters, then the rest.
class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}
  /// A number below `limit` made of the first byte: `a` is 0, `b` 1 and so on. 0 at the end.
  size_t below(size_t limit);
  bool flag() { return below(2) == 1; }
  /// Up to the next line end, which is dropped.
  std::string_view line();
  std::string_view rest() const { return rest_; }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// Ends the process, saying what does not hold, unless it does.
void require(bool holds, std::string_view what, std::string_view detail = {});

/// Every type twice, required and not: `bool bool_or_null int64 ...`.
const SchemaPtr& every_type();
/// One of a few schemas, the first of which is every_type() without what is required.
const SchemaPtr& schema_of(size_t choice);
inline constexpr size_t kSchemas = 4;

/// The rows with every bit of every value: equal texts, equal rows. NaNs are all the same.
std::string exact_text(const RecordBatch& batch);
/// That Column's promises hold: placeholders under nulls, offsets in order, text UTF-8, json valid.
void require_sound(const RecordBatch& batch);

}  // namespace penstock::fuzz
