// The attempt on record (which slice of a log a consumer was trying when it died): any bytes, then a life of decisions
// after it. Whatever was written is read the same, and the search always names at least one record.
#include "actors/regions/isolation.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace penstock::fuzz {

void fuzz_attempts(std::string_view bytes) {
  Input input(bytes);
  const IsolationLimits limits{.slice = 64};
  Isolation isolation(limits);
  if (const std::string_view stored = input.line(); !stored.empty() && !isolation.restore(stored).ok())
    return;
  for (int steps = 0; !input.done() && steps < 200; ++steps) {
    const uint64_t pending = input.below(100);
    switch (input.below(8)) {
      case 0: isolation.begin(); break;
      case 1: isolation.excuse(); break;
      case 2: isolation.judge(); break;
      case 3: isolation.refuse(); break;
      case 4: isolation.drop_slice(); break;
      case 5: isolation.end(); break;
      default:
        if (isolation.next() == Isolation::Next::kSetAside)
          isolation.set_aside(pending);
        else if (isolation.slice())
          isolation.passed(pending);
        else if (isolation.searching() && pending > 0)
          isolation.choose("events", Partition(1), Offset(steps), pending);
    }
    if (isolation.slice())
      require(isolation.slice()->records >= 1 && isolation.slice()->suspects >= isolation.slice()->records,
              "a slice has records, all of them suspects", isolation.encode());
    if (isolation.next() == Isolation::Next::kSetAside)
      require(isolation.slice() && isolation.slice()->records == 1 && !isolation.given_up(), "one record is set aside");
    Isolation again(limits);
    require(again.restore(isolation.encode()).ok() && again.encode() == isolation.encode() &&
                again.next() == isolation.next(),
            "what was written down is read the same", isolation.encode());
  }
}

}  // namespace penstock::fuzz
