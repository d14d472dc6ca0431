// One answer of a recommender, step by step: who asks, candidates, one list, diversity, fallbacks, reasons. Made for one request
// and thread; holds the snapshots that it answers from until it is gone.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/recommenders/recommender.h"

namespace penstock {

class RecommenderAnswer {
 public:
  /// All outlive the answer. `items`, `filter`: null if there is none; `user_row`: null if the user has none.
  RecommenderAnswer(const Recommender& recommender, const RecommendationQuery& query, const AllowedItems* items,
                    BatchPtr user_row, const Condition* filter);

  /// Errors: failed_precondition (no model has learnt anything yet).
  Result<Recommendation> make();

  /// A name for a snapshot's list of items, as AllowedItems wants it.
  static std::string name_of(const ModelServer& model, const Serving& serving);

 private:
  struct Asked {
    const ModelServer* model;
    ModelServer::Asker asker;
    std::shared_ptr<const ItemSet> allowed;  // null: all
    std::vector<int32_t> excluded;           // what the request excludes and other models have seen
    double seconds = 0;                      // that its searches took
  };
  static constexpr size_t kWidest = 16;  // how far quotas grow where caps leave an answer short

  Asked* asked(const std::string& model);
  std::vector<ScoredItem> ask(Asked& asked, size_t n);
  int32_t number(std::string_view item);
  int32_t row(int32_t item) const;

  void meet_user();
  void exclude_seen();
  bool fill_from_candidates(size_t factor);
  void fill_from_fallback();
  size_t fill_from_model(const std::string& model);
  size_t fill_from_recommender(const Recommender& other);
  size_t fill_with_popular();
  void rank_candidates(std::vector<Candidate>& candidates) const;
  size_t take(std::vector<Candidate> candidates, const std::string& strategy);
  void write(Recommendation& answer);
  void tell_models(const Recommendation& answer) const;
  std::vector<std::string> because(const std::string& item, const std::string& strategy);

  const Recommender& recommender_;
  const RecommenderPlan& plan_;
  const RecommendationQuery& query_;
  const AllowedItems* items_;
  const BatchPtr user_row_;
  const Condition* filter_;

  std::map<std::string, Asked, std::less<>> asked_;
  std::vector<std::string> seen_;  // of all generators' histories, and the session
  DiverseList list_;
  std::vector<std::string> strategies_;  // by item of the list
  std::string step_;
  Recommendation answer_;

  std::deque<std::string> names_;                          // of items that no snapshot here owns
  std::vector<std::string_view> items_by_number_;          // in snapshots or names_
  std::unordered_map<std::string_view, int32_t> numbers_;  // of items in this answer
};

}  // namespace penstock
