#include "tests/simulation/trace.h"

#include <xxhash.h>

#include "core/random.h"

namespace penstock::simulation {

void Trace::mix(uint64_t value) { hash_ = splitmix64(hash_ ^ value); }

void Trace::take(std::string_view text) { mix(XXH3_64bits(text.data(), text.size())); }

void Trace::note(std::string_view who, std::string_view what, uint64_t a, uint64_t b) {
  ++steps_;
  take(who);
  take(what);
  mix(a);
  mix(b);
  if (print_)
    std::fprintf(print_, "%7llu  %-28.*s %-14.*s %llu %llu\n", static_cast<unsigned long long>(steps_),
                 static_cast<int>(who.size()), who.data(), static_cast<int>(what.size()), what.data(),
                 static_cast<unsigned long long>(a), static_cast<unsigned long long>(b));
}

}  // namespace penstock::simulation
