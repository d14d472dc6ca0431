// A small item table and users' rows, for tests of what looks at them.
#pragma once

#include "tests/components/support.h"

namespace penstock::test {

inline const SchemaPtr kItems = schema({{"item", Type::kString, true},
                                        {"category", Type::kString},
                                        {"vendor", Type::kInt64},
                                        {"stock", Type::kInt64},
                                        {"region", Type::kString}});
inline const SchemaPtr kUsers =
    schema({{"user", Type::kString, true}, {"region", Type::kString}, {"age", Type::kInt64}});

/// a..f; c is sold out, d has no stock known, e is for the north only, f has neither category nor vendor.
inline BatchPtr catalogue() {
  return rows(kItems, R"({"item":"a","category":"food","vendor":1,"stock":5}
{"item":"b","category":"food","vendor":1,"stock":1}
{"item":"c","category":"food","vendor":2,"stock":0}
{"item":"d","category":"toys","vendor":2}
{"item":"e","category":"toys","vendor":2,"stock":9,"region":"north"}
{"item":"f","stock":7})");
}

inline BatchPtr person(const std::string& region) {
  return rows(kUsers, R"({"user":"u","age":30,"region":")" + region + "\"}");
}

}  // namespace penstock::test
