// The two roles every recommendation model plays: a Model is an algorithm with its hyper-parameters, which fits; a
// ModelSnapshot is what it learnt, immutable, which answers. Pure mathematics: no I/O, no actors, no clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/status.h"
#include "models/interactions.h"
#include "models/item_set.h"

namespace penstock {

/// An item by its number in a snapshot's items(), and how strongly a user interacted with it.
struct ItemWeight {
  int32_t item;
  float weight;
};

struct ScoredItem {
  int32_t item;
  float score;
  bool operator==(const ScoredItem&) const = default;
};

/// A property of a user or an item, as `column=value`, and how strongly it applies.
struct Feature {
  std::string name;
  float value = 1;
};

/// For whom, from what and how many. Everything is valid during the call that it is given to.
struct ModelQuery {
  std::string_view user = {};                // outside id; empty: nobody the model could know
  std::span<const ItemWeight> history = {};  // all that the user did: unique items, in order of first contact
  std::span<const Feature> features = {};    // of the user
  std::span<const int32_t> exclude = {};     // in any order
  const ItemSet* allowed = nullptr;          // only these; null: all
  size_t n = 10;
  bool seen = false;  // whether items of the history may be answered
};

class ModelSnapshot;
using ModelSnapshotPtr = std::shared_ptr<const ModelSnapshot>;

/// Safe for any number of threads.
class ModelSnapshot {
 public:
  virtual ~ModelSnapshot() = default;
  virtual const std::vector<std::string>& items() const = 0;

  /// The n best items for the user of the query, best first, equal scores by smaller item number; never what the query
  /// rules out. A filtered answer is as full as the items allow. Empty if the model has nothing to say about such a
  /// user (most have not without a history); unknown item numbers are passed over.
  virtual std::vector<ScoredItem> recommend(const ModelQuery& query) const = 0;
  /// What recommend() answers to each of the queries; a model may pass over its items once for many of them.
  virtual std::vector<std::vector<ScoredItem>> recommend_many(std::span<const ModelQuery> queries) const;
  /// The n items most similar to `item`, best first, without itself. Requires: 0 <= item < items().size().
  virtual std::vector<ScoredItem> similar(int32_t item, size_t n, const ItemSet* allowed = nullptr) const = 0;
  /// Scores of all items for the user of the query (nothing masked); for evaluation. Empty where recommend() has
  /// nothing to say.
  virtual std::vector<float> score_all(const ModelQuery& query) const = 0;
  /// Scores of these items for the user, in their order, on the scale of recommend(). Empty where it has nothing to say.
  virtual std::vector<float> score(const ModelQuery& query, std::span<const int32_t> items) const;

  /// Which items of the query's history speak most for `item`, strongest first, at most n: the reason to give. Empty if
  /// none does or the model cannot tell. Requires: 0 <= item < items().size().
  virtual std::vector<int32_t> because(const ModelQuery& /*query*/, int32_t /*item*/, size_t /*n*/) const { return {}; }

  /// A new item: its features, and the whole histories of the users who interacted with it, with the weight of that
  /// interaction.
  struct NewItem {
    std::string id;
    struct Fan {
      std::vector<ItemWeight> history;
      float weight;
    };
    std::vector<Fan> fans;
    std::vector<Feature> features = {};
  };
  /// This snapshot with further items at the end of items(), each solved from its fans (fold-in) or its features.
  /// Present items keep their numbers and factors.
  virtual ModelSnapshotPtr with_items(std::span<const NewItem> items) const = 0;

  /// How the best items are found (`scan`, `norm-sorted`, ...) and which share of them a search has looked at so far.
  struct Retrieval {
    std::string method = "scan";
    double scanned_share = 1;
    double recall = 1;  // of an approximate method, measured against the exact answer
  };
  virtual Retrieval retrieval() const { return {}; }

  /// All of it as bytes, with a format version; Model::load reads them.
  virtual std::string save() const = 0;
  virtual size_t memory() const = 0;
};

/// Told now and then how far a training is, and asked whether to go on.
class TrainingProgress {
 public:
  virtual ~TrainingProgress() = default;
  /// `done` of `total` steps (iterations), with a word on the state such as `objective 0.4213`.
  virtual void step(size_t done, size_t total, const std::string& note) = 0;
  virtual bool cancelled() const { return false; }
};

struct FitOptions {
  uint64_t seed = 1;
  int threads = 1;
  const ModelSnapshot* warm_start = nullptr;  // of the same model; null: begin anew
};

class Model {
 public:
  virtual ~Model() = default;
  virtual std::string_view type() const = 0;  // the registry name: als, popularity
  /// Hyper-parameters as name and value, for the registry and for messages.
  virtual std::vector<std::pair<std::string, std::string>> parameters() const = 0;
  /// What it must be given beside who interacted with what: costs memory, so it is read only for models that ask.
  struct Needs {
    bool times = false;     // Interactions::times
    bool features = false;  // of users and items
  };
  virtual Needs needs() const { return {}; }
  /// Same interactions, same seed, same start: same bytes, whatever the number of threads. Errors: invalid_argument
  /// (nothing to learn from, or it led to numbers that load() refuses), resource_exhausted (it would not fit), cancelled.
  virtual Result<ModelSnapshotPtr> fit(const Interactions& interactions, const FitOptions& options,
                                       TrainingProgress& progress) const = 0;
  /// Errors: data_loss.
  virtual Result<ModelSnapshotPtr> load(std::string_view bytes) const = 0;

  /// Bytes of memory that a training on so many takes at its peak, about: reading (an event in a list that doubles as it
  /// grows), holding the newest back (a copy), summing (three sparse matrices), the ids (three times).
  virtual uint64_t training_bytes(uint64_t users, uint64_t items, uint64_t events) const {
    return 100 * events + 200 * (users + items);
  }
  /// Bytes of a snapshot, about.
  virtual uint64_t snapshot_bytes(uint64_t items) const { return 40 * items; }
};
using ModelPtr = std::shared_ptr<const Model>;

}  // namespace penstock
