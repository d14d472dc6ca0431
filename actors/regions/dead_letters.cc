#include "actors/regions/dead_letters.h"

namespace penstock {

SchemaPtr dead_letter_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"topology", Type::kString, true},
                                                                                    {"stage", Type::kString, true},
                                                                                    {"reason", Type::kString, true},
                                                                                    {"log", Type::kString, true},
                                                                                    {"partition", Type::kInt64, false},
                                                                                    {"offset", Type::kInt64, false},
                                                                                    {"record", Type::kString, true},
                                                                                    {"at", Type::kTimestamp, true}});
  return schema;
}

BatchPtr dead_letter_batch(const std::string& topology, const std::string& log,
                           const std::vector<std::pair<std::string, Rejected>>& rejected, Timestamp now) {
  BatchBuilder rows(dead_letter_schema());
  for (const auto& [stage, letter] : rejected) {
    rows.column(0).append_string(topology);
    rows.column(1).append_string(stage);
    rows.column(2).append_string(letter.reason);
    rows.column(3).append_string(log);
    if (letter.partition)
      rows.column(4).append_int64(letter.partition->value());
    else
      rows.column(4).append_null();
    if (letter.offset)
      rows.column(5).append_int64(static_cast<int64_t>(letter.offset->value()));
    else
      rows.column(5).append_null();
    rows.column(6).append_string(letter.record);
    rows.column(7).append_int64(now.micros);
  }
  return rows.finish();
}

}  // namespace penstock
