// Sink `http`: posts rows to a URL (a webhook), many to a request, as a JSON array or JSON Lines. Each row carries its stable
// id (record_id.h) as a further member, so that the receiver can drop what is delivered twice; the request carries the ids
// of its first and last row as `Idempotency-Key`. One thread at a time; blocks while a request is under way.
//
// Errors: invalid_argument for 400, 413 and 422 (the receiver will not take these rows); unavailable for every other answer
// that is no success, for none within `timeout`, and when nobody answers.
#pragma once

#include <string>

#include "actors/servers/http_client.h"
#include "actors/sinks/sink.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct HttpSinkOptions {
  HttpUrl url;
  Duration timeout;
  bool lines = false;     // JSON Lines instead of an array
  std::string record_id;  // the member with the row's id; empty: none
  HttpFields headers;     // further ones, such as Authorization
  uint64_t batch_rows = 500;
  std::string log;
};

class HttpSink final : public Sink {
 public:
  explicit HttpSink(HttpSinkOptions options);

  Status open(std::string_view position) override;
  Status write(const BatchPtr& batch) override;
  Result<std::string> sync() override;
  uint64_t rows_at_once() const override { return options_.batch_rows; }

 private:
  void clear();

  HttpSinkOptions options_;
  HttpClient client_;
  std::string body_;
  std::string first_id_, last_id_;
};

topology::ComponentType http_sink_type();
Result<SinkPtr> make_http_sink(const MakeContext& context);

}  // namespace penstock
