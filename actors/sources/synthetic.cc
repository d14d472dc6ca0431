#include "actors/sources/synthetic.h"

#include <algorithm>
#include <charconv>

#include "actors/components.h"
#include "actors/sources/log_properties.h"
#include "messages/timestamp.h"

namespace penstock {
namespace {

constexpr uint64_t kBytesPerEvent = 96;
constexpr uint64_t kMostRows = 65'536;

}  // namespace

SchemaPtr marketplace_schema() {
  static const SchemaPtr schema = std::make_shared<Schema>(std::vector<Field>{{"event_id", Type::kInt64, true},
                                                                              {"user_id", Type::kInt64, true},
                                                                              {"item_id", Type::kInt64, true},
                                                                              {"event", Type::kString, true},
                                                                              {"price", Type::kFloat64, true},
                                                                              {"category", Type::kString, true},
                                                                              {"vendor", Type::kString, true},
                                                                              {"quantity", Type::kInt64, true},
                                                                              {"at", Type::kTimestamp, true}});
  return schema;
}

BatchPtr marketplace_batch(const Marketplace& market, std::span<const MarketplaceEvent> events) {
  BatchBuilder builder(marketplace_schema());
  for (size_t c = 0; c < builder.schema()->size(); ++c)
    builder.column(c).reserve(events.size());
  for (const MarketplaceEvent& event : events) {
    const Marketplace::Item& item = market.items()[event.item];
    builder.column(0).append_int64(static_cast<int64_t>(event.number));
    builder.column(1).append_int64(event.user + 1);
    builder.column(2).append_int64(event.item + 1);
    builder.column(3).append_string(kind_name(event.kind));
    builder.column(4).append_float64(item.price);
    builder.column(5).append_string(market.category_name(item.category));
    builder.column(6).append_string(market.vendor_name(item.vendor));
    builder.column(7).append_int64(event.quantity);
    builder.column(8).append_int64(event.at.micros);
  }
  return builder.finish();
}

SyntheticSource::SyntheticSource(const MarketplaceOptions& market, const SyntheticPace& pace, const Clock& clock)
    : market_(market), pace_(pace), clock_(clock) {}

Status SyntheticSource::open(std::string_view position) {
  next_ = 0;
  paced_since_nanos_.reset();
  if (position.empty())
    return ok();
  const auto [end, error] = std::from_chars(position.data(), position.data() + position.size(), next_);
  if (error != std::errc() || end != position.data() + position.size())
    return data_loss("the position of a synthetic source must be an event number, not \"" + std::string(position) +
                     "\"");
  return ok();
}

/// The number that the next event may not reach yet.
uint64_t SyntheticSource::due() {
  uint64_t limit = pace_.events > 0 ? pace_.events : ~0ULL;
  if (pace_.rate <= 0)
    return limit;
  if (next_ < pace_.history)
    return std::min(limit, pace_.history);
  const int64_t now = clock_.monotonic_nanos();
  if (!paced_since_nanos_) {
    paced_since_nanos_ = now;
    paced_from_ = next_;
  }
  const double elapsed = static_cast<double>(now - *paced_since_nanos_) * 1e-9;
  return std::min(limit, paced_from_ + static_cast<uint64_t>(elapsed * pace_.rate));
}

Result<SourceRead> SyntheticSource::read(uint64_t max_bytes) {
  SourceRead out;
  const uint64_t until = due();
  if (next_ < until) {
    const uint64_t most = std::clamp<uint64_t>(max_bytes / kBytesPerEvent, 1, kMostRows);
    std::vector<MarketplaceEvent> events;
    market_.events(next_, std::min(until - next_, most), events);
    out.batch = marketplace_batch(market_, events);
    out.bytes = events.size() * kBytesPerEvent;
    next_ += events.size();
    out.position = std::to_string(next_);
  }
  out.finished = pace_.events > 0 && next_ >= pace_.events;
  return out;
}

topology::ComponentType synthetic_type() {
  using topology::Kind;
  topology::ComponentType type;
  type.role = topology::Role::kSource;
  type.name = "synthetic";
  type.summary =
      "Events of a synthetic marketplace whose truth is known: views, carts and purchases that follow from "
      "latent tastes.";
  type.example =
      "shop:\n"
      "  type: synthetic\n"
      "  users: 2000\n"
      "  items: 1000\n"
      "  events: 200000\n"
      "  seed: 7\n";
  type.min_inputs = type.max_inputs = 0;
  const auto count = [](std::string name, std::string meaning, std::string otherwise, double least, double most) {
    return topology::Property{.name = std::move(name),
                              .kind = Kind::kInteger,
                              .meaning = std::move(meaning),
                              .default_value = std::move(otherwise),
                              .minimum = least,
                              .maximum = most};
  };
  type.properties = {
      count("users", "How many users there are.", "2000", 1, 100e6),
      count("items", "How many items there are.", "1000", 1, 10e6),
      count("vendors", "How many vendors offer the items.", "50", 1, 1e6),
      count("categories", "How many categories the items are of.", "20", 1, 1e6),
      count("seed", "The same seed gives the same events.", "1", 0, 9e15),
      count("events", "How many events there are in all; 0 is endless.", "0", 0, 9e15),
      {.name = "rate",
       .kind = Kind::kNumber,
       .meaning = "How many events come in a second; 0 is as fast as they are taken.",
       .default_value = "0",
       .minimum = 0,
       .maximum = 10e6,
       .unit = "events per second"},
      count("history", "How many events come at once, before `rate` begins to hold.", "0", 0, 9e15),
      {.name = "start",
       .kind = Kind::kString,
       .meaning = "The time of the first event.",
       .default_value = "2026-01-01T00:00:00Z"},
      {.name = "interval",
       .kind = Kind::kDuration,
       .meaning = "The event time between two events, on average.",
       .default_value = "1s"},
  };
  for (topology::Property& property : log_properties())
    type.properties.push_back(std::move(property));
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = marketplace_schema();
    check_log(component, binding.output, context.diagnostics);
    if (!parse_timestamp(component.text("start")))
      context.diagnostics.error(component.place_of("start"), "wrong-value",
                                "\"" + component.text("start") + "\" is not a timestamp",
                                "write it like 2026-01-01T00:00:00Z");
    return binding;
  };
  return type;
}

Result<SourcePtr> make_synthetic(const MakeContext& context) {
  const topology::Component& component = context.component;
  MarketplaceOptions market;
  market.users = static_cast<uint32_t>(component.integer("users"));
  market.items = static_cast<uint32_t>(component.integer("items"));
  market.vendors = static_cast<uint32_t>(component.integer("vendors"));
  market.categories = static_cast<uint32_t>(component.integer("categories"));
  market.seed = static_cast<uint64_t>(component.integer("seed"));
  market.start = parse_timestamp(component.text("start")).value_or(market.start);
  market.interval = component.duration("interval");
  SyntheticPace pace;
  pace.events = static_cast<uint64_t>(component.integer("events"));
  pace.rate = component.number("rate");
  pace.history = static_cast<uint64_t>(component.integer("history"));
  return SourcePtr(std::make_unique<SyntheticSource>(market, pace, context.clock));
}

}  // namespace penstock
