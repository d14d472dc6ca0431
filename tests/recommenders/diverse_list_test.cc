#include "actors/recommenders/diverse_list.h"

#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/recommenders/catalogue.h"

namespace penstock {
namespace {

const std::vector<size_t> kCoded = {1, 2};  // category, vendor

RowTable table() { return RowTable(test::catalogue(), 0, kCoded); }

/// Candidates a, b, ... with these scores.
std::vector<Candidate> candidates(const std::vector<float>& scores) {
  std::vector<Candidate> out;
  for (const float score : scores) {
    const auto number = static_cast<int32_t>(out.size());
    out.push_back({number, score, 0, number});
  }
  return out;
}

std::string letters(const DiverseList& list) {
  std::string out;
  for (const Candidate& item : list.items())
    out += static_cast<char>('a' + item.item);
  return out;
}

TEST_CASE("caps hold over all fills, and what has no value counts for none") {
  const RowTable rows = table();
  const DiversityRules rules{.caps = {{0, 1}}};
  DiverseList list(rules, &rows);
  CHECK(list.fill(candidates({6, 5, 4}), 3) == 1);
  CHECK(letters(list) == "a");
  CHECK(list.fill({{2, 4, 0, 2}, {4, 2, 0, 4}, {5, 1, 0, 5}, {6, 1, 0, -1}, {7, 1, 0, -1}}, 5) == 4);
  CHECK(letters(list) == "aefgh");
}

TEST_CASE("the strictest of several caps counts") {
  const RowTable rows = table();
  const DiversityRules rules{.caps = {{0, 2}, {1, 1}}};
  DiverseList list(rules, &rows);
  CHECK(list.fill(candidates({6, 5, 4, 3, 2, 1}), 6) == 3);
  CHECK(letters(list) == "acf");
}

TEST_CASE("maximal marginal relevance prefers what is unlike the items that are there") {
  const RowTable rows = table();
  const DiversityRules rules{.lambda = 0.5f, .compared = {0, 1}};
  DiverseList list(rules, &rows);
  // After a: b loses 1 for the same category and vendor, c 1/2, d nothing.
  list.fill(candidates({1.0f, 0.9f, 0.8f, 0.7f}), 3);
  CHECK(letters(list) == "adc");
}

TEST_CASE("with lambda 1 the order is that of the scores") {
  const RowTable rows = table();
  const DiversityRules rules{.lambda = 1.0f, .compared = {0}};
  DiverseList list(rules, &rows);
  list.fill(candidates({6, 5, 4, 3, 2, 1}), 4);
  CHECK(letters(list) == "abcd");
}

// The definition, written down.
std::vector<int32_t> naive_mmr(const RowTable& rows, const std::vector<Candidate>& all, float lambda, uint32_t cap,
                               size_t n) {
  std::vector<int32_t> chosen;
  const auto same = [&](int32_t a, int32_t b, size_t column) {
    return rows.code(column, a) >= 0 && rows.code(column, a) == rows.code(column, b);
  };
  while (chosen.size() < n) {
    int32_t best = -1;
    float most = 0;
    for (const Candidate& candidate : all) {
      if (std::find(chosen.begin(), chosen.end(), candidate.item) != chosen.end())
        continue;
      uint32_t of_vendor = 0;
      float likeness = 0;
      for (const int32_t other : chosen) {
        of_vendor += same(candidate.item, other, 1);
        likeness = std::max(likeness, (same(candidate.item, other, 0) + same(candidate.item, other, 1)) / 2.0f);
      }
      const float value = lambda * candidate.score / all.front().score - (1 - lambda) * likeness;
      if (of_vendor < cap && (best < 0 || value > most)) {
        best = candidate.item;
        most = value;
      }
    }
    if (best < 0)
      break;
    chosen.push_back(best);
  }
  return chosen;
}

TEST_CASE("maximal marginal relevance is what its definition says, with caps too") {
  Random random(11);
  for (int round = 0; round < 50; ++round) {
    std::string lines;
    for (int i = 0; i < 40; ++i)
      lines += R"({"item":")" + std::to_string(i) + R"(","category":"c)" + std::to_string(random.below(4)) +
               R"(","vendor":)" + std::to_string(random.below(5)) + "}\n";
    const RowTable rows(test::rows(test::kItems, lines), 0, kCoded);
    std::vector<float> scores;
    for (int i = 0; i < 40; ++i)
      scores.push_back(100 - static_cast<float>(i) - static_cast<float>(random.below(100)) / 100);
    std::sort(scores.rbegin(), scores.rend());
    const float lambda = static_cast<float>(random.below(11)) / 10;
    const uint32_t cap = 1 + static_cast<uint32_t>(random.below(4));
    const DiversityRules rules{.caps = {{1, cap}}, .lambda = lambda, .compared = {0, 1}};
    DiverseList list(rules, &rows);
    list.fill(candidates(scores), 12);
    std::vector<int32_t> chosen;
    for (const Candidate& item : list.items())
      chosen.push_back(item.item);
    CHECK(chosen == naive_mmr(rows, candidates(scores), lambda, cap, 12));
  }
}

}  // namespace
}  // namespace penstock
