#include "actors/recommenders/fusion.h"

#include <catch2/catch.hpp>

namespace penstock {
namespace {

std::string text(const std::vector<Candidate>& candidates) {
  std::string out;
  for (const Candidate& candidate : candidates) {
    char score[32];
    std::snprintf(score, sizeof score, "%.4f", candidate.score);
    out += std::to_string(candidate.item) + ":" + score + "@" + std::to_string(candidate.source) + " ";
  }
  return out;
}

const std::vector<CandidateList> kLists = {{1, {{1, 10}, {2, 8}, {3, 6}}}, {0.5, {{3, -1}, {4, -2}}}};

TEST_CASE("weighted fusion adds scores that were brought to 0 to 1") {
  // 1: 1 × 1; 2: 1 × 0.5; 3: 1 × 0 + 0.5 × 1; 4: 0.5 × 0
  CHECK(text(fuse(kLists, Fusion::kWeighted)) == "1:1.0000@0 2:0.5000@0 3:0.5000@1 4:0.0000@1 ");
}

TEST_CASE("reciprocal rank fusion adds weight / (60 + rank)") {
  // 1: 1/61 = 0.0164; 2: 1/62 = 0.0161; 3: 1/63 + 0.5/61 = 0.0241; 4: 0.5/62 = 0.0081
  CHECK(text(fuse(kLists, Fusion::kRrf)) == "3:0.0241@0 1:0.0164@0 2:0.0161@0 4:0.0081@1 ");
}

TEST_CASE("a list whose scores are all alike counts in full, an empty one not at all") {
  CHECK(text(fuse(std::vector<CandidateList>{{2, {{7, 3}, {8, 3}}}, {1, {}}}, Fusion::kWeighted)) ==
        "7:2.0000@0 8:2.0000@0 ");
  CHECK(fuse({}, Fusion::kRrf).empty());
}

}  // namespace
}  // namespace penstock
