#include "tests/kafka/orders.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <iterator>

namespace penstock::test {
namespace {

int64_t read_order(const std::string& line, std::string& problem) {
  rapidjson::Document order;
  order.Parse(line.c_str());
  const auto is = [&](const char* name, auto type) {
    return order.HasMember(name) && order[name].Is<decltype(type)>();
  };
  if (order.HasParseError() || !order.IsObject() || !is("id", int64_t()) || !order.HasMember("user") ||
      !order["user"].IsString() || !is("amount", int64_t())) {
    problem = "no order: " + line;
    return -1;
  }
  const int64_t id = order["id"].GetInt64();
  if (order["user"].GetString() != order_user(id) || order["amount"].GetInt64() != order_amount(id))
    problem = "order " + std::to_string(id) + " was changed: " + line;
  return id;
}

void tell(std::string& text, const std::vector<int64_t>& ids, const char* what) {
  if (!ids.empty())
    text += (text.empty() ? "" : "; ") + std::to_string(ids.size()) + " " + what + ", such as " +
            std::to_string(ids.front());
}

}  // namespace

std::string order_json(int64_t id) {
  return R"({"id":)" + std::to_string(id) + R"(,"user":")" + order_user(id) + R"(","amount":)" +
         std::to_string(order_amount(id)) + "}";
}

TopicRecord order_record(int64_t id) { return {.key = order_user(id), .value = order_json(id)}; }

std::vector<int64_t> ids(int64_t from, int64_t to) {
  std::vector<int64_t> out;
  for (int64_t id = from; id < to; ++id)
    out.push_back(id);
  return out;
}

void put_orders(const std::string& broker, const std::string& topic, const std::vector<int64_t>& ids) {
  TopicWriter writer(broker);
  for (const int64_t id : ids)
    writer.put(topic, order_record(id));
  writer.flush();
}

std::vector<int64_t> read_orders(std::string_view lines, std::string& problem) {
  std::vector<int64_t> out;
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    if (end > 0)
      out.push_back(read_order(std::string(lines.substr(0, end)), problem));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return out;
}

std::vector<int64_t> read_orders(const std::vector<TopicRecord>& records, std::string& problem) {
  std::vector<int64_t> out;
  for (const TopicRecord& record : records)
    out.push_back(read_order(record.value.value_or(""), problem));
  return out;
}

std::string difference(std::vector<int64_t> expected, std::vector<int64_t> found) {
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  std::vector<int64_t> twice, once, missing, strange;
  for (size_t i = 0; i < found.size(); ++i)
    (i > 0 && found[i] == found[i - 1] ? twice : once).push_back(found[i]);
  std::set_difference(expected.begin(), expected.end(), once.begin(), once.end(), std::back_inserter(missing));
  std::set_difference(once.begin(), once.end(), expected.begin(), expected.end(), std::back_inserter(strange));
  std::string text;
  tell(text, missing, "are missing");
  tell(text, twice, "are there twice");
  tell(text, strange, "should not be there");
  return text;
}

}  // namespace penstock::test
