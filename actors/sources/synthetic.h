// Source `synthetic`: the events of a synthetic marketplace (marketplace.h), all at once or at a pace. One thread at a
// time.
//
// Position: the number of the next event, in decimal. The same properties and position always give the same events.
#pragma once

#include "actors/sources/marketplace.h"
#include "actors/sources/source.h"
#include "core/clock.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

/// event_id, user_id, item_id, event, price, category, vendor, quantity, at; all required.
SchemaPtr marketplace_schema();
/// Those events as a batch.
BatchPtr marketplace_batch(const Marketplace& market, std::span<const MarketplaceEvent> events);

struct SyntheticPace {
  uint64_t events = 0;   // in all; 0: endless
  double rate = 0;       // events a second; 0: as fast as they are taken
  uint64_t history = 0;  // so many at once, before the rate begins to hold
};

class SyntheticSource final : public Source {
 public:
  SyntheticSource(const MarketplaceOptions& market, const SyntheticPace& pace, const Clock& clock);

  Status open(std::string_view position) override;
  Result<SourceRead> read(uint64_t max_bytes) override;
  SourceProgress progress() const override { return {next_, pace_.events, "events"}; }
  const Marketplace& market() const { return market_; }

 private:
  uint64_t due();

  Marketplace market_;
  SyntheticPace pace_;
  const Clock& clock_;
  uint64_t next_ = 0;
  // The pace counts from the first read past the history; it does not make up for time when nothing ran.
  std::optional<int64_t> paced_since_nanos_;
  uint64_t paced_from_ = 0;
};

topology::ComponentType synthetic_type();
Result<SourcePtr> make_synthetic(const MakeContext& context);

}  // namespace penstock
