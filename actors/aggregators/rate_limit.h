// Aggregator `rate_limit`: lets so many rows of each key through in a time, by a bucket of tokens that event time refills; the
// rows beyond go to the output `limited`. A bucket holds `burst` tokens and refills evenly, `rows` in each `per`; a row takes
// one. Exact, in integers: what is counted is the debt, in units of which a token is `per` and a microsecond pays `rows`.
// A row that is older than the newest of its key is judged as of that newest. So the result is a function of the order in
// which a key's rows come, which is that of their partition, and the same at every replay.
//
// Threads, life and spilling as in keyed_process.h. A key's bucket stays for good.
//
//   table key   := append_key of the key columns (messages/key.h), or 0x00 if there are none
//   table value := version:u8 (1) at:i64 debt:i64
// Source: Turner, "New directions in communications (or which way to the information age?)", 1986 (leaky bucket as a meter).
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "actors/aggregators/keyed_process.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct RateLimitPlan {
  std::vector<size_t> by;  // columns of the input
  size_t time = 0;
  int64_t rows = 1;
  int64_t per = 1;  // microseconds
  int64_t burst = 1;
};

/// What a key has used up.
struct TokenBucket {
  static constexpr int64_t kNew = std::numeric_limits<int64_t>::min();
  int64_t at = kNew;  // time of the newest row, in microseconds
  int64_t debt = 0;   // as of then

  /// Whether a row at that time finds a token, which it takes.
  bool take(int64_t time, const RateLimitPlan& plan);

  bool empty() const { return at == kNew; }
  std::optional<int64_t> due() const { return std::nullopt; }
  size_t memory() const { return 0; }
  void encode(std::string& out) const;
  static Result<TokenBucket> decode(std::string_view bytes);
};

class RateLimit final : public KeyedProcess<TokenBucket> {
 public:
  explicit RateLimit(RateLimitPlan plan) : KeyedProcess(std::make_shared<const Schema>(), {}), plan_(std::move(plan)) {}

  Status process(const BatchPtr& batch, StageOutput& out) override;
  Status end_epoch(StageOutput& out) override;

 private:
  Status append_row(std::string_view, const TokenBucket&, BatchBuilder&) const override { return ok(); }

  const RateLimitPlan plan_;
  BatchKeys batch_keys_;
};

topology::ComponentType rate_limit_type();
Result<std::unique_ptr<Aggregator>> make_rate_limit(const MakeContext& context);

}  // namespace penstock
