// Random expressions over the test schema, each in our spelling and in the one that has the same meaning for PostgreSQL: literals
// and results get PostgreSQL's bigint and double precision, which are Penstock's only integers and decimals.
#pragma once

#include <string>

#include "core/random.h"

namespace penstock::sql {

struct Twin {
  std::string ours;
  std::string theirs;
};

class RandomExpression {
 public:
  explicit RandomExpression(Random& random) : random_(random) {}
  /// Of type bool, int64, float64 or string.
  Twin any(int depth);

 private:
  Twin boolean(int depth);
  Twin integer(int depth);
  Twin decimal(int depth);
  Twin text(int depth);
  Twin moment(int depth);

  size_t pick(size_t count) { return random_.below(count); }
  Random& random_;
};

}  // namespace penstock::sql
