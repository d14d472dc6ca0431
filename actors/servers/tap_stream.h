// The rows that a component emits as server-sent events (WHATWG HTML, section 9.2), from a condition and for some columns:
//
//   event: row       data: {"user":7,"price":3.5}
//   event: dropped   data: 1200          so many rows came faster than they were taken, and are not told
//   event: error     data: division by zero       the condition has no value for a row; told once
//   event: end       data: 100           so many rows were asked for, and told
//
// The node's workers only lay batches into a bounded buffer; conditions and text are made by the thread that takes. Any thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/servers/http_message.h"
#include "messages/record_batch.h"
#include "sql/expression.h"

namespace penstock {

struct TapOptions {
  std::optional<sql::Expression> where;  // bool, over the schema of the rows
  std::vector<size_t> columns;           // to show; none: all
  uint64_t limit = 0;                    // rows to tell; 0: no end
  size_t buffer_rows = 10'000;           // that wait to be taken; one batch always finds room
};

class TapStream final : public HttpStream {
 public:
  explicit TapStream(TapOptions options) : options_(std::move(options)) {}
  /// What keeps it listening; let go of with the stream.
  void hold(std::shared_ptr<void> tap) { tap_ = std::move(tap); }

  void put(const BatchPtr& rows);

  std::string take(bool& ended) override;
  std::string sign_of_life() const override { return ":\n\n"; }
  void on_more(std::function<void()> wake) override;

 private:
  void tell(const RecordBatch& rows, std::string& out);

  const TapOptions options_;
  std::mutex mutex_;  // of the next five
  std::deque<BatchPtr> waiting_;
  size_t waiting_rows_ = 0;
  uint64_t dropped_ = 0;
  bool woken_ = false;
  std::function<void()> wake_;
  uint64_t told_ = 0;  // from here on of the thread that takes
  bool told_error_ = false;
  std::shared_ptr<void> tap_;
};

}  // namespace penstock
