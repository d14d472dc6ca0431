// Source `nexmark`: the events of NEXMark (nexmark_events.h), all or those of one kind, as fast as they are taken. Sources of one
// seed share one stream of events: a bid is on an auction that the other source gives. One thread at a time.
//
// Position: the number of the next event among those of all kinds, in decimal.
#pragma once

#include "actors/sources/nexmark_events.h"
#include "actors/sources/source.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

class NexmarkSource final : public Source {
 public:
  /// `kind`: none for all. `events`: of all kinds; 0 is endless.
  NexmarkSource(const NexmarkOptions& options, std::optional<NexmarkKind> kind, uint64_t events)
      : options_(options), kind_(kind), events_(events) {}

  Status open(std::string_view position) override;
  Result<SourceRead> read(uint64_t max_bytes) override;
  SourceProgress progress() const override { return {next_, events_, "events"}; }

 private:
  BatchPtr some(uint64_t until, uint64_t rows);

  const NexmarkOptions options_;
  const std::optional<NexmarkKind> kind_;
  const uint64_t events_;
  uint64_t next_ = 0;
};

topology::ComponentType nexmark_type();
Result<SourcePtr> make_nexmark(const MakeContext& context);

}  // namespace penstock
