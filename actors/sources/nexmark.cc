#include "actors/sources/nexmark.h"

#include <algorithm>
#include <charconv>

#include "actors/components.h"
#include "actors/sources/log_properties.h"
#include "messages/timestamp.h"

namespace penstock {
namespace {

constexpr uint64_t kMostRows = 65'536;

using Wanted = std::optional<NexmarkKind>;

uint64_t bytes_of(Wanted kind) {
  return kind == NexmarkKind::kPerson ? 200 : kind == NexmarkKind::kAuction ? 500 : 150;
}
Wanted kind_of(const std::string& emit) {
  if (emit == "events")
    return std::nullopt;
  return emit == "persons" ? NexmarkKind::kPerson : emit == "auctions" ? NexmarkKind::kAuction : NexmarkKind::kBid;
}

}  // namespace

Status NexmarkSource::open(std::string_view position) {
  next_ = 0;
  if (position.empty())
    return ok();
  const auto [end, error] = std::from_chars(position.data(), position.data() + position.size(), next_);
  if (error != std::errc() || end != position.data() + position.size())
    return data_loss("the position of a nexmark source must be an event number, not \"" + std::string(position) + "\"");
  return ok();
}

BatchPtr NexmarkSource::some(uint64_t until, uint64_t rows) {
  if (!kind_) {
    const uint64_t count = std::min(rows, until - next_);
    next_ += count;
    return nexmark_batch(options_, next_ - count, count);
  }
  BatchBuilder out(nexmark_schema(*kind_));
  for (; next_ < until && out.rows() < rows; ++next_)
    if (nexmark_kind(next_) == *kind_)
      append_nexmark(options_, next_, out);
  return out.finish();
}

Result<SourceRead> NexmarkSource::read(uint64_t max_bytes) {
  SourceRead out;
  const uint64_t until = events_ > 0 ? events_ : ~0ULL;
  if (next_ < until) {
    const BatchPtr rows = some(until, std::clamp<uint64_t>(max_bytes / bytes_of(kind_), 1, kMostRows));
    out.bytes = rows->rows() * bytes_of(kind_);
    out.batch = rows->rows() > 0 ? rows : nullptr;
    out.position = std::to_string(next_);
  }
  out.finished = next_ >= until;
  return out;
}

topology::ComponentType nexmark_type() {
  using topology::Kind;
  topology::ComponentType type;
  type.role = topology::Role::kSource;
  type.name = "nexmark";
  type.summary =
      "Events of NEXMark, the benchmark of streaming queries: people, auctions and bids of an auction house.";
  type.example =
      "bids:\n"
      "  type: nexmark\n"
      "  emit: bids\n"
      "  events: 1000000\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = {
      {.name = "emit",
       .kind = Kind::kChoice,
       .meaning =
           "Which of them, in columns of their own, or all events in one; 1 in 50 is a person, 3 are auctions, 46 "
           "are bids.",
       .default_value = "events",
       .choices = {"events", "persons", "auctions", "bids"}},
      {.name = "events",
       .kind = Kind::kInteger,
       .meaning = "How many events of all kinds there are; 0 is endless.",
       .default_value = "0",
       .minimum = 0,
       .maximum = 9e15},
      {.name = "seed",
       .kind = Kind::kInteger,
       .meaning = "The same seed gives the same events.",
       .default_value = "1",
       .minimum = 0,
       .maximum = 9e15},
      {.name = "start",
       .kind = Kind::kString,
       .meaning = "The time of the first event.",
       .default_value = "2026-01-01T00:00:00Z"},
      {.name = "interval",
       .kind = Kind::kDuration,
       .meaning = "The event time between two events of any kind.",
       .default_value = "100us"},
  };
  for (topology::Property& property : log_properties())
    type.properties.push_back(std::move(property));
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    const Wanted kind = kind_of(component.text("emit"));
    binding.output = kind ? nexmark_schema(*kind) : nexmark_schema();
    check_log(component, binding.output, context.diagnostics);
    if (!parse_timestamp(component.text("start")))
      context.diagnostics.error(component.place_of("start"), "wrong-value",
                                "\"" + component.text("start") + "\" is not a timestamp",
                                "write it like 2026-01-01T00:00:00Z");
    return binding;
  };
  return type;
}

Result<SourcePtr> make_nexmark(const MakeContext& context) {
  const topology::Component& component = context.component;
  NexmarkOptions options;
  options.seed = static_cast<uint64_t>(component.integer("seed"));
  options.start = parse_timestamp(component.text("start")).value_or(options.start);
  options.interval = component.duration("interval");
  return SourcePtr(std::make_unique<NexmarkSource>(options, kind_of(component.text("emit")),
                                                   static_cast<uint64_t>(component.integer("events"))));
}

}  // namespace penstock
