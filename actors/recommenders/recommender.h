// Answers requests as a topology's `blend` declares: candidates of several models, filtered inside their searches, made one list,
// boosted and made diverse; where items are missing, the chain of fallbacks; with reasons. Answers may be kept until something
// that they rest on changes. Thread safe; no lock is held while computing.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "actors/recommenders/item_view.h"
#include "actors/recommenders/lru_cache.h"
#include "actors/recommenders/recommender_plan.h"
#include "actors/servers/model_server.h"
#include "actors/servers/node.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class Recommender;

/// Models and recommenders by id; null where there is none.
struct Answerers {
  std::function<const ModelServer*(std::string_view id)> model;
  std::function<const Recommender*(std::string_view id)> recommender;
};

using FilterPtr = std::shared_ptr<const Condition>;

class Recommender {
 public:
  /// Requires: `bound` is a recommender of the runtime's plan; the runtime and what `answerers` find outlive this.
  Recommender(Runtime* runtime, const topology::BoundComponent& bound, Answerers answerers);

  /// Errors: invalid_argument (the filter), failed_precondition (nothing has been learnt, the items' view is starting).
  Result<Recommendation> recommend(const RecommendationQuery& query) const;
  /// By the first generator, of the items that conditions and the filter allow. Errors: also not_found (the item).
  Result<Recommendation> similar(const std::string& item, size_t n, const std::string& filter) const;

  const std::string& id() const { return id_; }
  const RecommenderPlan& plan() const { return plan_; }

 private:
  friend class RecommenderAnswer;
  struct Kept {
    std::string basis;  // of the answer: what it would have to be made anew for
    int64_t until;      // monotonic ns
    Recommendation answer;
  };

  /// The request's filter, compiled; null: none.
  Result<FilterPtr> filter(const std::string& text) const;
  /// The item table; null where there is none.
  Result<std::shared_ptr<const AllowedItems>> items() const;
  /// The user's row if a condition looks at it.
  BatchPtr user_row(const std::string& user, const Condition* filter) const;
  void keep(const std::string& key, const std::shared_ptr<const Kept>& kept) const;
  std::string basis(const std::string& user, const AllowedItems* items, const BatchPtr& user_row,
                    const Condition* filter) const;

  Runtime* runtime_;
  const std::string id_;
  const RecommenderPlan plan_;
  const Answerers answerers_;
  const monitoring::Origin origin_;
  bool reads_user_ = false;  // a rule does
  std::unique_ptr<ItemView> view_;
  mutable LruCache<FilterPtr> filters_;
  mutable LruCache<std::shared_ptr<const Kept>> kept_;
  mutable std::mutex memory_mutex_;
  mutable MemoryAccount kept_memory_;
};

}  // namespace penstock
