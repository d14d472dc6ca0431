#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "actors/sources/nexmark.h"

namespace penstock {
namespace {

std::string read_all(Source& source, uint64_t max_bytes) {
  std::string all;
  for (;;) {
    const auto read = source.read(max_bytes);
    REQUIRE(read.ok());
    if (read->batch)
      all += read->batch->to_string();
    if (read->finished)
      return all;
  }
}

}  // namespace

TEST_CASE("of 50 nexmark events one is a person, three are auctions and the others bids") {
  std::map<NexmarkKind, int> counts;
  for (uint64_t event = 0; event < 500; ++event)
    ++counts[nexmark_kind(event)];
  CHECK(counts[NexmarkKind::kPerson] == 10);
  CHECK(counts[NexmarkKind::kAuction] == 30);
  CHECK(counts[NexmarkKind::kBid] == 460);
}

TEST_CASE("nexmark gives the same events whatever the sizes of the batches and wherever it is resumed") {
  for (const std::optional<NexmarkKind> kind :
       {std::optional<NexmarkKind>(), std::optional(NexmarkKind::kPerson), std::optional(NexmarkKind::kBid)}) {
    NexmarkSource whole({.seed = 3}, kind, 3000), parts({.seed = 3}, kind, 3000), resumed({.seed = 3}, kind, 3000);
    REQUIRE(whole.open("").ok());
    const std::string expected = read_all(whole, 1 << 20);
    REQUIRE(parts.open("").ok());
    std::string got, position;
    for (int i = 0; i < 4; ++i) {
      const auto read = parts.read(1500);
      got += read->batch->to_string();
      position = read->position;
    }
    REQUIRE(resumed.open(position).ok());
    CHECK(got + read_all(resumed, 9000) == expected);
    NexmarkSource other({.seed = 4}, kind, 3000);
    CHECK(read_all(other, 1 << 20) != expected);
  }
}

TEST_CASE("nexmark bids are on auctions of the same stream, and half of them on hot ones") {
  NexmarkSource source({}, std::nullopt, 50'000);
  std::set<int64_t> auctions;
  int known = 0, hot = 0, bids = 0;
  for (bool finished = false; !finished;) {
    const auto read = source.read(1 << 20);
    const RecordBatch& batch = *read->batch;
    const auto column = [&](const char* name) { return batch.column(*batch.schema()->index_of(name)); };
    for (size_t i = 0; i < batch.rows(); ++i) {
      if (column("kind")->string(i) == "auction")
        auctions.insert(column("id")->int64s()[i]);
      if (column("kind")->string(i) != "bid")
        continue;
      ++bids;
      CHECK_FALSE(column("price")->is_null(i));
      CHECK(column("id")->is_null(i));
      known += static_cast<int>(auctions.count(column("auction")->int64s()[i]));
      hot += column("auction")->int64s()[i] % 100 == 0;
    }
    finished = read->finished;
  }
  CHECK(bids == 46'000);
  CHECK(known > 0.93 * bids);
  CHECK(hot > 0.48 * bids);
  CHECK(hot < 0.54 * bids);
}

TEST_CASE("nexmark refuses a position that is none") {
  NexmarkSource source({}, std::nullopt, 5);
  CHECK(source.open("12x").code() == Code::kDataLoss);
}

}  // namespace penstock
