#include "actors/aggregators/logistic.h"
#include "actors/stages/view_input.h"

namespace penstock {
namespace {

using topology::Kind;

std::vector<topology::Expected> expect_logistic(const topology::ExpectContext& context) {
  using Expected = topology::Expected;
  const auto buckets = static_cast<double>(ftrl_parameters(context.component).buckets);
  return {{Expected::Kind::kMemory, "weights", buckets, sizeof(Ftrl::Slot)},
          {Expected::Kind::kDisk, "weights", buckets, 48}};
}

}  // namespace

topology::ComponentType logistic_type() {
  topology::ComponentType type;
  type.role = topology::Role::kModel;
  type.name = "logistic";
  type.summary =
      "Foretells a yes-or-no outcome from a row's columns: logistic regression that learns each row as it comes.";
  type.example =
      "bought:\n  type: logistic\n  input: shop\n  label: event = 'purchase'\n  features:\n    category: categorical\n"
      "    vendor: categorical\n    price: numeric\n";
  type.properties = prediction_properties();
  type.properties.push_back({.name = "alpha",
                             .kind = Kind::kNumber,
                             .meaning = "How fast it learns.",
                             .default_value = "0.2",
                             .minimum = 1e-6,
                             .maximum = 100});
  type.properties.push_back({.name = "beta",
                             .kind = Kind::kNumber,
                             .meaning = "How long it goes on learning at that speed.",
                             .default_value = "1",
                             .minimum = 0,
                             .maximum = 1e6});
  type.properties.push_back({.name = "l1",
                             .kind = Kind::kNumber,
                             .meaning = "How much evidence a weight needs before it is other than 0.",
                             .default_value = "0.1",
                             .minimum = 0,
                             .maximum = 1e6});
  type.properties.push_back({.name = "l2",
                             .kind = Kind::kNumber,
                             .meaning = "How strongly weights are kept small.",
                             .default_value = "1",
                             .minimum = 0,
                             .maximum = 1e6});
  type.properties.push_back({.name = "buckets",
                             .kind = Kind::kInteger,
                             .meaning = "Places for weights; features share one where their hashes meet. 8 bytes each.",
                             .default_value = "262144",
                             .minimum = 2,
                             .maximum = 1 << 28});
  type.properties.push_back(
      {.name = "window",
       .kind = Kind::kInteger,
       .meaning = "Rows after which older ones count half for calibration and the reported quality.",
       .default_value = "100000",
       .minimum = 100,
       .maximum = 1e9});
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.stateful = true;
    binding.online = true;
    binding.routing = {topology::Routing::Kind::kExchange, {}};
    refuse_changes(component, context, "a model would count each change again");
    check_prediction(component, context.inputs[0].schema, context.diagnostics);
    return binding;
  };
  type.expect = expect_logistic;
  return type;
}

FtrlParameters ftrl_parameters(const topology::Component& model) {
  return {.alpha = model.number("alpha"),
          .beta = model.number("beta"),
          .l1 = model.number("l1"),
          .l2 = model.number("l2"),
          .buckets = static_cast<uint32_t>(model.integer("buckets"))};
}

Result<std::unique_ptr<Aggregator>> make_logistic(const MakeContext& context) {
  PENSTOCK_ASSIGN(PredictionReader reader, PredictionReader::make(context.component, context.inputs[0].schema));
  return std::unique_ptr<Aggregator>(std::make_unique<Logistic>(std::move(reader), ftrl_parameters(context.component),
                                                                context.component.number("window")));
}

}  // namespace penstock
