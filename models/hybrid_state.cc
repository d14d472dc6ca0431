#include "models/hybrid_state.h"

#include <algorithm>
#include <cmath>

#include "models/bytes.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic("PSTKHYB\x01", 8);
constexpr int kMostFactors = 1024;

int64_t find(const std::vector<std::string>& ascending, std::string_view name) {
  const auto place = std::lower_bound(ascending.begin(), ascending.end(), name);
  return place == ascending.end() || *place != name ? -1 : place - ascending.begin();
}

void write_rows(const std::vector<std::string>& names, SnapshotWriter& out) {
  out.number(static_cast<uint32_t>(names.size()));
  for (const std::string& name : names)
    out.text(name);
}

void write_vectors(const std::vector<float>& biases, const Factors& vectors, SnapshotWriter& out) {
  out.floats(biases.data(), biases.size());
  for (int64_t row = 0; row < vectors.rows; ++row)
    out.floats(vectors.row(row), vectors.factors);
}

// False: more of them than bytes are left for.
bool read_rows(SnapshotReader& in, int factors, std::vector<std::string>& names) {
  const auto count = in.number<uint32_t>();
  if (!in.ok() || count > INT32_MAX || uint64_t{count} * (sizeof(uint32_t) + sizeof(float) * (1 + factors)) > in.left())
    return false;
  names.reserve(count);
  for (uint32_t row = 0; row < count; ++row)
    names.push_back(in.text());
  return in.ok();
}

void read_vectors(SnapshotReader& in, size_t rows, int factors, std::vector<float>& biases, Factors& vectors) {
  biases.resize(rows);
  in.floats(biases.data(), rows);
  vectors = Factors(static_cast<int64_t>(rows), factors);
  for (size_t row = 0; row < rows; ++row)
    in.floats(vectors.row(static_cast<int64_t>(row)), factors);
}

std::shared_ptr<const NamedEmbeddings> read_features(SnapshotReader& in, int factors) {
  auto features = std::make_shared<NamedEmbeddings>();
  if (!read_rows(in, factors, features->names) || !std::is_sorted(features->names.begin(), features->names.end()))
    return nullptr;
  read_vectors(in, features->names.size(), factors, features->biases, features->vectors);
  return features;
}

std::shared_ptr<const HybridUsers> read_users(SnapshotReader& in, int factors) {
  auto users = std::make_shared<HybridUsers>();
  if (!read_rows(in, factors, users->ids) || !std::is_sorted(users->ids.begin(), users->ids.end()))
    return nullptr;
  users->counts.resize(users->ids.size());
  for (uint32_t& count : users->counts)
    count = in.number<uint32_t>();
  read_vectors(in, users->ids.size(), factors, users->levels, users->vectors);
  return users;
}

std::shared_ptr<const AlignedFloats> read_prior(SnapshotReader& in, int factors) {
  auto prior = std::make_shared<AlignedFloats>(padded_width(factors));
  in.floats(prior->data(), factors);
  return prior;
}

size_t text_bytes(const std::vector<std::string>& texts) {
  size_t bytes = 0;
  for (const std::string& text : texts)
    bytes += sizeof(std::string) + (text.capacity() > 15 ? text.capacity() + 1 : 0);
  return bytes;
}

}  // namespace

int64_t NamedEmbeddings::row(std::string_view name) const { return find(names, name); }
int64_t HybridUsers::row(std::string_view id) const { return find(ids, id); }

Status check_learnt(const HybridState& state) {
  const auto all = [](const AlignedFloats& values) { return std::span(values.data(), values.size()); };
  return check_learnt({all(*state.user_prior),
                       all(*state.item_prior),
                       {&state.item_prior_bias, 1},
                       {&state.mean_fans, 1},
                       state.users->levels,
                       all(state.users->vectors.values),
                       state.user_features->biases,
                       all(state.user_features->vectors.values),
                       state.item_features->biases,
                       all(state.item_features->vectors.values),
                       state.biases,
                       all(state.vectors.values)});
}

std::string save_hybrid(const HybridState& state) {
  const HybridParameters& parameters = state.parameters;
  const int factors = parameters.factors;
  SnapshotWriter out;
  out.raw(kMagic);
  out.number(static_cast<uint8_t>(parameters.loss));
  out.number(static_cast<uint32_t>(factors));
  out.number(static_cast<uint32_t>(parameters.max_sampled));
  out.floats(&parameters.learning_rate, 1);
  out.floats(&parameters.regularization, 1);
  out.number(static_cast<uint32_t>(state.trained_items));
  out.floats(&state.mean_fans, 1);
  out.floats(state.user_prior->data(), factors);
  out.floats(state.item_prior->data(), factors);
  out.floats(&state.item_prior_bias, 1);
  write_rows(state.users->ids, out);
  for (const uint32_t count : state.users->counts)
    out.number(count);
  write_vectors(state.users->levels, state.users->vectors, out);
  for (const NamedEmbeddings* features : {state.user_features.get(), state.item_features.get()}) {
    write_rows(features->names, out);
    write_vectors(features->biases, features->vectors, out);
  }
  write_rows(state.items, out);
  write_vectors(state.biases, state.vectors, out);
  return std::move(out).finish();
}

Result<HybridState> load_hybrid(std::string_view bytes) {
  PENSTOCK_ASSIGN(SnapshotReader in, SnapshotReader::open(bytes, kMagic));
  HybridState state;
  const auto loss = in.number<uint8_t>();
  const auto factors = in.number<uint32_t>();
  const auto max_sampled = in.number<uint32_t>();
  if (!in.ok() || loss > 2 || factors == 0 || factors > kMostFactors || max_sampled == 0 || max_sampled > 1000)
    return data_loss("the stored hybrid model has an impossible head");
  HybridParameters& parameters = state.parameters;
  parameters.loss = static_cast<HybridParameters::Loss>(loss);
  parameters.factors = static_cast<int>(factors);
  parameters.max_sampled = static_cast<int>(max_sampled);
  in.floats(&parameters.learning_rate, 1);
  in.floats(&parameters.regularization, 1);
  state.trained_items = in.number<uint32_t>();
  in.floats(&state.mean_fans, 1);
  state.user_prior = read_prior(in, parameters.factors);
  state.item_prior = read_prior(in, parameters.factors);
  in.floats(&state.item_prior_bias, 1);
  state.users = read_users(in, parameters.factors);
  state.user_features = state.users ? read_features(in, parameters.factors) : nullptr;
  state.item_features = state.user_features ? read_features(in, parameters.factors) : nullptr;
  if (!state.item_features || !read_rows(in, parameters.factors, state.items))
    return data_loss("the stored hybrid model has an impossible number of rows");
  read_vectors(in, state.items.size(), parameters.factors, state.biases, state.vectors);
  if (!in.ok() || !in.at_end() || state.trained_items > state.vectors.rows || state.trained_items == 0)
    return data_loss("the stored hybrid model is cut off, too long, or has numbers out of range");
  return state;
}

size_t hybrid_memory(const HybridState& state) {
  const HybridUsers& users = *state.users;
  size_t numbers = state.vectors.values.size() + state.biases.size() + users.vectors.values.size() +
                   users.levels.size() + users.counts.size() + 2 * state.user_prior->size();
  size_t bytes = text_bytes(state.items) + text_bytes(users.ids);
  for (const NamedEmbeddings* features : {state.user_features.get(), state.item_features.get()}) {
    numbers += features->vectors.values.size() + features->biases.size();
    bytes += text_bytes(features->names);
  }
  return bytes + numbers * sizeof(float);
}

}  // namespace penstock
