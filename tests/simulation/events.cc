#include "tests/simulation/events.h"

namespace penstock::simulation {

const char* const kEventSchema =
    "event: {id: {type: int64, required: true}, user: {type: string, required: true}, item: {type: int64, required: "
    "true}, kind: string, qty: int64, price: float64, at: {type: timestamp, required: true}}";

std::string to_line(const Event& event) {
  return "{\"id\":" + std::to_string(event.id) + ",\"user\":\"" + event.user +
         "\",\"item\":" + std::to_string(event.item) + ",\"kind\":\"" + event.kind +
         "\",\"qty\":" + (event.quantity ? std::to_string(*event.quantity) : "null") +
         ",\"price\":" + std::to_string(event.price) + ",\"at\":" + std::to_string(event.at / 1000) + "}\n";
}

BatchPtr to_batch(const std::vector<Event>& events, const SchemaPtr& schema) {
  BatchBuilder rows(schema);
  for (const Event& event : events) {
    rows.column(0).append_int64(event.id);
    rows.column(1).append_string(event.user);
    rows.column(2).append_int64(event.item);
    rows.column(3).append_string(event.kind);
    if (event.quantity)
      rows.column(4).append_int64(*event.quantity);
    else
      rows.column(4).append_null();
    rows.column(5).append_float64(event.price);
    rows.column(6).append_int64(event.at);
  }
  return rows.finish();
}

}  // namespace penstock::simulation
