#include "actors/aggregators/rate_limit.h"

#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;

}  // namespace

bool TokenBucket::take(int64_t time, const RateLimitPlan& plan) {
  if (time > at) {
    // Compared as microseconds that the debt takes to be paid, since the product of a long time could not be held.
    const auto between = static_cast<uint64_t>(time) - static_cast<uint64_t>(at);
    const auto paid_after = static_cast<uint64_t>((debt + plan.rows - 1) / plan.rows);
    debt = between >= paid_after ? 0 : debt - static_cast<int64_t>(between) * plan.rows;
    at = time;
  }
  if (debt + plan.per > plan.burst * plan.per)
    return false;
  debt += plan.per;
  return true;
}

void TokenBucket::encode(std::string& out) const {
  append_number(kVersion, out);
  append_number(at, out);
  append_number(debt, out);
}

Result<TokenBucket> TokenBucket::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const bool known = in.number<uint8_t>() == kVersion;
  TokenBucket bucket;
  bucket.at = in.number<int64_t>();
  bucket.debt = in.number<int64_t>();
  if (!known || in.failed() || in.left() > 0)
    return data_loss("a bucket is cut off, too long, or of an unknown version");
  return bucket;
}

Status RateLimit::process(const BatchPtr& given, StageOutput& out) {
  const BatchPtr batch = reject_bad_keys(given, plan_.by, {&plan_.time, 1}, "rate_limit", out.rejected);
  batch_keys_.encode(*batch, plan_.by);
  PENSTOCK_TRY(states_.fetch(batch_keys_));
  const auto times = batch->column(plan_.time)->int64s();
  Selection through, limited;
  {
    const auto held = states_.lock();
    for (size_t i = 0; i < batch->rows(); ++i) {
      const size_t row = batch->row(i);
      const uint32_t slot = states_.take(batch_keys_.key(i), batch_keys_.hash(i));
      (states_[slot].take(times[row], plan_) ? through : limited).push_back(static_cast<uint32_t>(row));
    }
  }
  if (!limited.empty())
    out.sides.emplace_back("limited", batch->select(std::move(limited)));
  if (!through.empty())
    out.batches.push_back(through.size() == batch->rows() ? batch : batch->select(std::move(through)));
  return ok();
}

Status RateLimit::end_epoch(StageOutput& out) {
  states_.end_epoch(out.changes);
  return ok();
}

}  // namespace penstock
