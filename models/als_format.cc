#include <cmath>

#include "models/als_snapshot.h"
#include "models/bytes.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic("PSTKALS\x01", 8);

}  // namespace

std::string AlsSnapshot::save() const {
  const AlsState& state = state_;
  const int size = state.factors.factors;
  SnapshotWriter out;
  out.raw(kMagic);
  out.number(static_cast<uint32_t>(size));
  out.number(static_cast<uint32_t>(state.items.size()));
  out.number(state.trained_users);
  out.number(state.trained_items);
  out.number(state.unobserved_weight);
  out.number(state.regularization);
  out.number(state.frequency_exponent);
  for (const std::string& id : state.items)
    out.text(id);
  out.floats(state.d.data(), size);
  for (int i = 0; i < size; ++i)
    out.floats(state.user_gramian.data() + static_cast<size_t>(i) * state.factors.width, size);
  for (int64_t item = 0; item < state.factors.rows; ++item)
    out.floats(state.factors.row(item), size);
  return std::move(out).finish();
}

Result<ModelSnapshotPtr> AlsSnapshot::load(std::string_view bytes, const RetrievalOptions& options) {
  PENSTOCK_ASSIGN(SnapshotReader in, SnapshotReader::open(bytes, kMagic));
  AlsState state;
  const auto factors = in.number<uint32_t>();
  const auto items = in.number<uint32_t>();
  state.trained_users = in.number<int64_t>();
  state.trained_items = in.number<int64_t>();
  state.unobserved_weight = in.number<float>();
  state.regularization = in.number<float>();
  state.frequency_exponent = in.number<float>();
  const auto positive = [](float value) { return value > 0 && std::isfinite(value); };
  if (!in.ok() || factors < 1 || factors > 1024 || items > static_cast<uint32_t>(INT32_MAX) ||
      state.trained_users < 0 || state.trained_items < 0 ||
      !(state.unobserved_weight == 0 || positive(state.unobserved_weight)) || !positive(state.regularization) ||
      !(state.frequency_exponent >= 0 && state.frequency_exponent <= 1))
    return data_loss("the stored als model has an impossible head");
  // Each id takes its length, and each item its factors: nothing is allocated for what is not there.
  const uint64_t least = uint64_t{items} * (sizeof(uint32_t) + factors * sizeof(float)) +
                         (uint64_t{factors} + uint64_t{factors} * factors) * sizeof(float);
  if (least > in.left())
    return data_loss("the stored als model is cut off");
  state.items.reserve(items);
  for (uint32_t item = 0; item < items; ++item)
    state.items.push_back(in.text());
  const int width = padded_width(static_cast<int>(factors));
  state.d = AlignedFloats(width);
  in.floats(state.d.data(), factors);
  state.user_gramian = AlignedFloats(static_cast<size_t>(width) * width);
  for (uint32_t i = 0; i < factors; ++i)
    in.floats(state.user_gramian.data() + static_cast<size_t>(i) * width, factors);
  for (uint32_t j = 0; j < factors; ++j) {
    if (state.d[j] < 0)
      return data_loss("the stored als model has a negative eigenvalue");
  }
  state.factors = Factors(items, static_cast<int>(factors));
  for (uint32_t item = 0; item < items; ++item)
    in.floats(state.factors.row(item), factors);
  if (!in.ok() || !in.at_end())
    return data_loss("the stored als model is cut off, too long, or has numbers out of range");
  return ModelSnapshotPtr(std::make_shared<const AlsSnapshot>(std::move(state), options));
}

}  // namespace penstock
