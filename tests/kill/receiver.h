// What the sink `http` delivers to: keeps each row by its record id, and notices one id with two contents. Lives on while
// the node dies. Thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "actors/servers/http_server.h"

namespace penstock::kill {

class Receiver {
 public:
  Receiver();
  std::string url() const { return server_->url() + "/orders"; }
  /// record id → order id.
  std::map<std::string, int64_t> taken() const;
  uint64_t deliveries() const;  // of rows, repeated ones included
  /// What no receiver should get; empty if all is well.
  std::string complaint() const;

 private:
  void take(const std::string& body);

  mutable std::mutex mutex_;
  std::map<std::string, int64_t> taken_;
  uint64_t deliveries_ = 0;
  std::string complaint_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace penstock::kill
