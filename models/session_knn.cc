#include "models/session_knn.h"

#include <algorithm>
#include <numeric>

#include "models/co_occurrence.h"
#include "models/parameter_values.h"
#include "models/session_snapshot.h"

namespace penstock {
namespace {

// Sessions, the newest first; of equal times by number.
std::vector<int32_t> newest_first(const Interactions& interactions) {
  const SparseMatrix& matrix = interactions.by_user;
  std::vector<Timestamp> newest(matrix.rows, Timestamp{INT64_MIN});
  for (int32_t session = 0; session < matrix.rows && !interactions.times.empty(); ++session)
    for (int64_t entry = matrix.pointers[session]; entry < matrix.pointers[session + 1]; ++entry)
      newest[session] = std::max(newest[session], interactions.times[entry]);
  std::vector<int32_t> order(matrix.rows);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int32_t a, int32_t b) { return newest[a] > newest[b]; });
  return order;
}

class SessionKnn final : public Model {
 public:
  explicit SessionKnn(const SessionKnnParameters& parameters) : parameters_(parameters) {}

  std::string_view type() const override { return "session_knn"; }
  ParameterValues parameters() const override {
    return {{"neighbours", std::to_string(parameters_.neighbours)},
            {"sample", std::to_string(parameters_.sample)},
            {"last_items", std::to_string(parameters_.last_items)},
            {"idf", parameter_text(parameters_.idf)},
            {"recency", parameters_.recency ? "true" : "false"}};
  }
  Needs needs() const override { return {.times = true}; }

  Result<ModelSnapshotPtr> fit(const Interactions& interactions, const FitOptions&,
                               TrainingProgress& progress) const override {
    const SparseMatrix sessions = positive_part(interactions.by_user, true);
    if (sessions.entries() == 0)
      return invalid_argument("there is nothing to learn from: no interaction has a weight above 0");
    if (progress.cancelled())
      return cancelled("the training was cancelled before it began");
    SessionState state;
    state.parameters = parameters_;
    state.past = sessions.rows;
    state.items = interactions.items;
    state.fans.assign(interactions.items.size(), 0);
    state.sessions.columns = sessions.columns;
    for (const int32_t session : newest_first(interactions)) {
      // Kept if it is among the `sample` newest of one of its items.
      bool kept = false;
      for (const int32_t item : sessions.row_indices(session))
        kept |= state.fans[item]++ < static_cast<float>(parameters_.sample);
      if (!kept)
        continue;
      const auto items = sessions.row_indices(session);
      state.sessions.indices.insert(state.sessions.indices.end(), items.begin(), items.end());
      state.sessions.pointers.push_back(state.sessions.entries());
      ++state.sessions.rows;
    }
    state.sessions.values.assign(state.sessions.indices.size(), 1.0F);
    progress.step(1, 1, std::to_string(state.sessions.rows) + " sessions kept");
    return ModelSnapshotPtr(std::make_shared<const SessionSnapshot>(std::move(state)));
  }

  Result<ModelSnapshotPtr> load(std::string_view bytes) const override { return SessionSnapshot::load(bytes); }

  // The sessions again, and both directions of those that are kept.
  uint64_t training_bytes(uint64_t users, uint64_t items, uint64_t events) const override {
    return Model::training_bytes(users, items, events) + 24 * events;
  }
  // A kept session is among the newest of an item of its own, at worst with ten items besides.
  uint64_t snapshot_bytes(uint64_t items) const override {
    return items * (80 + 16 * 10 * static_cast<uint64_t>(std::min(parameters_.sample, 100)));
  }

 private:
  SessionKnnParameters parameters_;
};

Result<ModelPtr> from_values(const ParameterValues& values) {
  SessionKnnParameters parameters;
  parameters.neighbours = integer(values, "neighbours");
  parameters.sample = integer(values, "sample");
  parameters.last_items = integer(values, "last_items");
  parameters.idf = number(values, "idf");
  parameters.recency = flag(values, "recency");
  return make_session_knn(parameters);
}

}  // namespace

ModelPtr make_session_knn(const SessionKnnParameters& parameters) {
  return std::make_shared<const SessionKnn>(parameters);
}

ModelType session_knn_model() {
  using Kind = ModelParameter::Kind;
  return {"session_knn",
          "What past sessions had that are like the present one; for visitors without an account too",
          {{"neighbours", Kind::kInteger, "300", 1, 100000, {}, "How many past sessions an answer is made from."},
           {"sample", Kind::kInteger, "1000", 1, 1e6, {}, "How many of the newest sessions are compared."},
           {"last_items", Kind::kInteger, "10", 1, 10000, {}, "How many items of the present session are compared."},
           {"idf", Kind::kNumber, "1", 0, 100, {}, "How much more rare items count."},
           {"recency", Kind::kBool, "true", 0, 0, {}, "Whether the newest items of the session count more."}},
          from_values};
}

}  // namespace penstock
