#include "tests/simulation/receiver.h"

#include "actors/sinks/delivery.h"
#include "actors/sinks/record_id.h"
#include "actors/sinks/sink.h"
#include "messages/json_writer.h"

namespace penstock::simulation {
namespace {

struct World {
  std::map<std::string, Receiver> receivers;
  Random random{0};
  double failure = 0;
  FaultCounts* counts = nullptr;
};

World& world() {
  static World outside;
  return outside;
}

class ReceiverSink final : public Sink {
 public:
  ReceiverSink(std::string id, std::string log, std::string refuses)
      : id_(std::move(id)), log_(std::move(log)), refuses_(std::move(refuses)) {}

  Status open(std::string_view) override {
    rows_.clear();
    return ok();
  }
  Status write(const BatchPtr& batch) override {
    for (size_t i = 0; i < batch->rows(); ++i)
      rows_.emplace_back(record_id(log_, batch->origin()->partition, batch->offset(i)), row_to_json(*batch, i));
    return ok();
  }
  Result<std::string> sync() override {
    PENSTOCK_TRY(Receiver::of(id_).post(rows_, refuses_));
    rows_.clear();
    return std::string();
  }
  uint64_t rows_at_once() const override { return 10; }

 private:
  const std::string id_, log_, refuses_;
  Receiver::Rows rows_;
};

}  // namespace

Status Receiver::post(const Rows& rows, const std::string& refuses) {
  const double chance = world().failure > 0 ? world().random.uniform() : 1;
  if (chance < world().failure / 2) {
    ++world().counts->receiver_refusals;
    return unavailable("the receiver is away");
  }
  for (const auto& [id, row] : rows)
    if (!refuses.empty() && row.find(refuses) != std::string::npos)
      return invalid_argument("the receiver does not take such rows");
  for (const auto& [id, row] : rows)
    if (const auto& known = taken_.try_emplace(id, row).first->second; known != row)
      contradiction_ = id + " is " + known + " and " + row;
  if (chance < world().failure) {
    ++world().counts->lost_answers;
    return unavailable("the receiver does not answer");
  }
  return ok();
}

Receiver& Receiver::of(const std::string& sink) { return world().receivers[sink]; }

void Receiver::forget_all() { world() = World{}; }

void Receiver::set_faults(uint64_t seed, double failure, FaultCounts* counts) {
  world().random = Random(seed);
  world().failure = failure;
  world().counts = counts;
}

topology::ComponentType receiver_type() {
  topology::ComponentType type;
  type.role = topology::Role::kSink;
  type.name = "receiver";
  type.summary = "Gives rows to a simulated receiver.";
  type.properties = {
      {.name = "refuses", .kind = topology::Kind::kString, .meaning = "Text of rows that the receiver will not take."}};
  for (topology::Property& property : delivery_properties())
    type.properties.push_back(std::move(property));
  type.bind = [](const topology::Component&, const topology::BindContext&) { return topology::Binding{}; };
  return type;
}

Result<SinkPtr> make_receiver(const MakeContext& context) {
  const topology::Component& component = context.component;
  return SinkPtr(std::make_unique<ReceiverSink>(component.id, component.inputs.front(),
                                                component.has("refuses") ? component.text("refuses") : ""));
}

}  // namespace penstock::simulation
