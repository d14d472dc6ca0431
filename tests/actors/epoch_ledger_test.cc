#include "actors/regions/epoch_ledger.h"

#include <catch2/catch.hpp>

using namespace penstock;

namespace {

OpenEpoch epoch(uint64_t number, uint64_t bytes = 10) {
  OpenEpoch open;
  open.epoch = Epoch(number);
  open.bytes = bytes;
  return open;
}

std::shared_ptr<EpochPart> part(uint64_t number) {
  auto out = std::make_shared<EpochPart>();
  out->epoch = Epoch(number);
  return out;
}

std::string taken(EpochLedger& ledger) {
  std::string out;
  for (const OpenEpoch& open : ledger.take_complete())
    out += std::to_string(open.epoch.value()) + " ";
  return out;
}

}  // namespace

TEST_CASE("an epoch is complete when every worker has reported it") {
  EpochLedger ledger(2);
  ledger.open(epoch(1));
  ledger.add(part(1));
  CHECK(taken(ledger) == "");
  ledger.add(part(1));
  CHECK(taken(ledger) == "1 ");
  CHECK(ledger.open_epochs() == 0);
}

TEST_CASE("a complete epoch waits for the ones before it") {
  EpochLedger ledger(1);
  ledger.open(epoch(1));
  ledger.open(epoch(2));
  ledger.open(epoch(3, 5));
  ledger.add(part(2));
  CHECK(taken(ledger) == "");
  ledger.add(part(1));
  CHECK(taken(ledger) == "1 2 ");
  CHECK(ledger.open_bytes() == 5);
}
