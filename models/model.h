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

class ModelSnapshot;
using ModelSnapshotPtr = std::shared_ptr<const ModelSnapshot>;

/// Safe for any number of threads.
class ModelSnapshot {
 public:
  virtual ~ModelSnapshot() = default;
  virtual const std::vector<std::string>& items() const = 0;

  /// The n best items for a user with this whole history (unique items), best first, equal scores by smaller item
  /// number. Items of the history and of `exclude` (any order) are never among them. The user is solved exactly from
  /// the history, so it need not have been there at the training. An empty history is allowed.
  virtual std::vector<ScoredItem> recommend(std::span<const ItemWeight> history, std::span<const int32_t> exclude,
                                            size_t n) const = 0;
  /// The n items most similar to `item`, best first, without itself. Requires: 0 <= item < items().size().
  virtual std::vector<ScoredItem> similar(int32_t item, size_t n) const = 0;
  /// Scores of all items for a user with this history (nothing masked); for evaluation.
  virtual std::vector<float> score_all(std::span<const ItemWeight> history) const = 0;

  /// A new item and the whole histories of the users who interacted with it, with the weight of that interaction.
  struct NewItem {
    std::string id;
    struct Fan {
      std::vector<ItemWeight> history;
      float weight;
    };
    std::vector<Fan> fans;
  };
  /// This snapshot with further items at the end of items(), each solved from its fans (fold-in). Present items keep
  /// their numbers and factors.
  virtual ModelSnapshotPtr with_items(std::span<const NewItem> items) const = 0;

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

class Model {
 public:
  virtual ~Model() = default;
  virtual std::string_view type() const = 0;  // the registry name: als, popularity
  /// Hyper-parameters as name and value, for the registry and for messages.
  virtual std::vector<std::pair<std::string, std::string>> parameters() const = 0;
  /// Same interactions, same seed: same bytes, whatever the number of threads. Errors: invalid_argument (nothing to
  /// learn from), cancelled.
  virtual Result<ModelSnapshotPtr> fit(const Interactions& interactions, uint64_t seed, int threads,
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
