// The orders that go through topics in these tests: each is known by its id alone, and everything else in it follows from that,
// so that one that was changed shows. What topics, stores and views hold is compared as sets of ids.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/kafka_client.h"

namespace penstock::test {

inline std::string order_user(int64_t id) { return "u" + std::to_string(id * 7 % 101); }
inline int64_t order_amount(int64_t id) { return id % 97; }

/// `{"id":5,"user":"u35","amount":5}`.
std::string order_json(int64_t id);
/// By the user's key.
TopicRecord order_record(int64_t id);
/// Ids [from, to).
std::vector<int64_t> ids(int64_t from, int64_t to);
/// Puts them into a topic, and waits until they are there.
void put_orders(const std::string& broker, const std::string& topic, const std::vector<int64_t>& ids);

/// The ids of lines of orders; a line that is none, or an order that was changed, is told in `problem`.
std::vector<int64_t> read_orders(std::string_view lines, std::string& problem);
std::vector<int64_t> read_orders(const std::vector<TopicRecord>& records, std::string& problem);

/// Empty if `found` has each of `expected` once and nothing else: `2 are missing, such as 7; 1 is there twice, such as 3`.
std::string difference(std::vector<int64_t> expected, std::vector<int64_t> found);

}  // namespace penstock::test
