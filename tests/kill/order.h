// The events of the kill loop: all that one says follows from its id, so that anybody who sees it can tell whether it came
// through unchanged.
#pragma once

#include <cstdint>
#include <string>

namespace penstock::kill {

struct Order {
  explicit Order(int64_t number, uint64_t of_users = 40, uint64_t of_items = 25)
      : id(number), mixed(static_cast<uint64_t>(number) * 0x9e3779b97f4a7c15), users(of_users), items(of_items) {}

  std::string user() const { return "u" + std::to_string((mixed >> 32) % users); }
  std::string item() const { return "i" + std::to_string((mixed >> 16) % items); }
  int64_t amount() const { return static_cast<int64_t>(mixed >> 48 & 0xfff) - 1000; }
  std::string json() const {
    return R"({"id":)" + std::to_string(id) + R"(,"user":")" + user() + R"(","item":")" + item() + R"(","amount":)" +
           std::to_string(amount()) + R"(,"at":)" + std::to_string(1'700'000'000'000 + id) + "}";
  }
  /// Whether members that somebody got (any order, any others beside) are those of an order with this id.
  bool same(const std::string& got_user, const std::string& got_item, int64_t got_amount) const {
    return got_user == user() && got_item == item() && got_amount == amount();
  }

  int64_t id;
  uint64_t mixed;
  uint64_t users, items;
};

}  // namespace penstock::kill
