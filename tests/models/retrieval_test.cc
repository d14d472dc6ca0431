#include "models/retrieval.h"

#include <catch2/catch.hpp>

#include "tests/models/catalogue.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

using testing::full_sort;

std::vector<ScoredItem> found(const FactorRetrieval& retrieval, const ItemVectors& items, const float* x,
                              const ModelQuery& query) {
  const ItemMask mask(query);
  BestItems best(query.n);
  retrieval.search(items, x, mask, best);
  return std::move(best).sorted();
}

std::vector<float> scores_of(const ItemVectors& items, const float* x) {
  std::vector<float> scores(items.size());
  for (int64_t item = 0; item < items.size(); ++item)
    scores[item] = items.score(item, x);
  return scores;
}

std::vector<int32_t> all_but(const ItemSet& allowed, int64_t items) {
  std::vector<int32_t> others;
  for (int32_t item = 0; item < items; ++item) {
    if (!allowed.contains(item))
      others.push_back(item);
  }
  return others;
}

}  // namespace

TEST_CASE(
    "a retrieval finds what a full sort finds behind every filter, narrow and wide, and among items added later") {
  const Factors before = testing::catalogue(3000, 20, 0.4, 51);
  Factors rows(3500, 20);
  std::copy(before.values.data(), before.values.data() + before.values.size(), rows.values.data());
  for (int64_t row = before.rows; row < rows.rows; ++row)
    std::copy(rows.row(row - 1700), rows.row(row - 1700) + rows.width, rows.row(row));
  const std::vector<float> biases = testing::biases(rows.rows, 52);
  Random random(53);
  for (const float* of_items : {static_cast<const float*>(nullptr), biases.data()}) {
    const ItemVectors items{rows, of_items};
    for (const auto method :
         {RetrievalMethod::kScan, RetrievalMethod::kNormSorted, RetrievalMethod::kInt8, RetrievalMethod::kGraph}) {
      const auto retrieval = FactorRetrieval::covering(nullptr, {before, of_items}, {.method = method});
      CHECK(FactorRetrieval::covering(retrieval, items, {.method = method}) == retrieval);
      for (const double share : {0.001, 0.02, 0.5}) {
        ItemSet allowed(rows.rows);
        for (int32_t item = 0; item < rows.rows; ++item) {
          if (random.uniform() < share)
            allowed.insert(item);
        }
        const AlignedFloats x = testing::user_vector(20, random);
        CAPTURE(name_of(method), share, allowed.count());
        CHECK(found(*retrieval, items, x.data(), {.allowed = &allowed, .n = 10}) ==
              full_sort(scores_of(items, x.data()), all_but(allowed, rows.rows), 10));
      }
    }
  }
}

TEST_CASE("a retrieval answers many users like one after the other") {
  const Factors rows = testing::catalogue(5000, 30, 0.4, 54);
  const ItemVectors items{rows};
  Random random(55);
  for (const auto method : {RetrievalMethod::kScan, RetrievalMethod::kNormSorted, RetrievalMethod::kInt8}) {
    const auto retrieval = FactorRetrieval::covering(nullptr, items, {.method = method});
    std::vector<AlignedFloats> users;
    std::vector<ItemMask> masks;
    std::vector<BestItems> best;
    std::vector<SearchTask> tasks;
    std::vector<std::vector<int32_t>> excluded(150);
    for (int user = 0; user < 150; ++user) {
      users.push_back(testing::user_vector(30, random));
      for (int n = 0; n < 100; ++n)
        excluded[user].push_back(static_cast<int32_t>(random.below(rows.rows)));
      masks.emplace_back(ModelQuery{.exclude = excluded[user]});
      best.emplace_back(1 + random.below(20));
    }
    for (int user = 0; user < 150; ++user)
      tasks.push_back({users[user].data(), &masks[user], &best[user]});
    retrieval->search_many(items, tasks);
    for (int user = 0; user < 150; ++user) {
      const size_t n = best[user].wanted();
      CHECK(std::move(best[user]).sorted() == full_sort(scores_of(items, users[user].data()), excluded[user], n));
    }
  }
}

TEST_CASE("a retrieval says how it searches, how much it looked at and how much it finds") {
  Factors rows = testing::catalogue(20000, 128, 0.8, 56);
  const ItemVectors items{rows};
  Random random(57);
  const auto by_norm = FactorRetrieval::covering(nullptr, items, {.method = RetrievalMethod::kNormSorted});
  CHECK(by_norm->report().method == "norm_sorted");
  CHECK(by_norm->report().recall == 1);
  CHECK(by_norm->report().scanned_share < 0.3);
  const AlignedFloats x = testing::user_vector(128, random);
  (void)found(*by_norm, items, x.data(), {});
  CHECK(by_norm->report().scanned_share > 0);
  CHECK(by_norm->memory() > 20000 * 16 * sizeof(float));

  // Alike in length, the items leave nothing to stop at.
  for (int64_t row = 0; row < rows.rows; ++row) {
    for (int j = 0; j < 128; ++j)
      rows.row(row)[j] = static_cast<float>(random.normal());
    const auto length = static_cast<float>(norm(rows.row(row), 128));
    for (int j = 0; j < 128; ++j)
      rows.row(row)[j] /= length;
  }
  const auto by_bytes = FactorRetrieval::covering(nullptr, items, {});
  CHECK(by_bytes->report().method == "int8");
  CHECK(by_bytes->report().scanned_share == 1);

  const auto few = FactorRetrieval::covering(nullptr, {Factors(100, 8)}, {});
  CHECK(few->report().method == "scan");
  CHECK(FactorRetrieval::covering(nullptr, {Factors(0, 8)}, {.method = RetrievalMethod::kInt8})->report().recall == 1);
}

TEST_CASE("a graph finds nearly all of the best, never what is ruled out, and is the same for the same items") {
  const Factors rows = testing::catalogue(4000, 24, 0.3, 58);
  const std::vector<float> biases = testing::biases(rows.rows, 59);
  Random random(60);
  for (const float* of_items : {static_cast<const float*>(nullptr), biases.data()}) {
    const ItemVectors items{rows, of_items};
    const RetrievalOptions options{.method = RetrievalMethod::kGraph};
    const auto graph = FactorRetrieval::covering(nullptr, items, options),
               again = FactorRetrieval::covering(nullptr, items, options);
    graph->wait_for_graph();
    again->wait_for_graph();
    CHECK(graph->report().method == "graph");
    CHECK(graph->report().recall > 0.9);
    size_t hits = 0;
    for (int query = 0; query < 40; ++query) {
      const AlignedFloats x = testing::user_vector(24, random);
      const std::vector<float> scores = scores_of(items, x.data());
      std::vector<int32_t> excluded;
      for (const ScoredItem& item : full_sort(scores, {}, 30))
        excluded.push_back(item.item);
      const auto answer = found(*graph, items, x.data(), {.exclude = excluded, .n = 10});
      CHECK(answer.size() == 10);
      CHECK(answer == found(*again, items, x.data(), {.exclude = excluded, .n = 10}));
      for (const ScoredItem& item : full_sort(scores, excluded, 10))
        hits += std::count(answer.begin(), answer.end(), item);
      for (const ScoredItem& item : answer)
        CHECK(item.score == scores[item.item]);
      // More than a graph is asked for, and more than it has.
      CHECK(found(*graph, items, x.data(), {.n = 3000}) == full_sort(scores, {}, 3000));
    }
    CHECK(hits > 300);
    CHECK(graph->report().scanned_share < 1);
  }
}

TEST_CASE("a retrieval whose graph is being built answers exactly, and is gone at once when nobody wants it") {
  const Factors rows = testing::catalogue(60000, 64, 0.2, 61);
  const ItemVectors items{rows};
  Random random(62);
  const AlignedFloats x = testing::user_vector(64, random);
  const auto retrieval = FactorRetrieval::covering(nullptr, items, {.method = RetrievalMethod::kGraph});
  CHECK(retrieval->report().method != "graph");
  CHECK(found(*retrieval, items, x.data(), {.n = 10}) == full_sort(scores_of(items, x.data()), {}, 10));
}

}  // namespace penstock

#if defined(__SANITIZE_THREAD__)
// The graph's locks are taken in no fixed order; only one thread ever takes them.
extern "C" const char* __tsan_default_suppressions() { return "deadlock:hnswlib::HierarchicalNSW\n"; }
#endif
