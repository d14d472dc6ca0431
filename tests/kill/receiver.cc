#include "tests/kill/receiver.h"

#include <rapidjson/document.h>

#include <stdexcept>

#include "tests/kill/order.h"

namespace penstock::kill {

Receiver::Receiver() {
  auto server = HttpServer::listen({}, [this](const HttpRequest& request, const Responder& respond) {
    take(request.body);
    respond({.status = 200, .content_type = "text/plain", .body = ""});
  });
  if (!server.ok())
    throw std::runtime_error("the receiver cannot listen: " + server.status().message());
  server_ = *std::move(server);
}

void Receiver::take(const std::string& body) {
  rapidjson::Document rows;
  rows.Parse(body.c_str());
  const std::lock_guard lock(mutex_);
  if (!rows.IsArray()) {
    complaint_ = "a body that is no array: " + body.substr(0, 200);
    return;
  }
  for (const auto& row : rows.GetArray()) {
    const Order order(row["id"].GetInt64());
    if (!order.same(row["user"].GetString(), row["item"].GetString(), row["amount"].GetInt64()))
      complaint_ = "order " + std::to_string(order.id) + " was changed";
    const auto [at, is_new] = taken_.emplace(row["record_id"].GetString(), order.id);
    if (at->second != order.id)
      complaint_ = at->first + " was order " + std::to_string(at->second) + " and then " + std::to_string(order.id);
    ++deliveries_;
  }
}

std::map<std::string, int64_t> Receiver::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

uint64_t Receiver::deliveries() const {
  const std::lock_guard lock(mutex_);
  return deliveries_;
}

std::string Receiver::complaint() const {
  const std::lock_guard lock(mutex_);
  return complaint_;
}

}  // namespace penstock::kill
