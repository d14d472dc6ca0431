#include "core/trace_context.h"

#include <catch2/catch.hpp>

using namespace penstock;

namespace {

const std::string kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string rule(const std::string& text) {
  const auto parsed = parse_trace_rule(text);
  return parsed.ok() ? std::to_string(parsed->requests) + " " + std::to_string(parsed->every)
                     : parsed.status().message();
}

}  // namespace

TEST_CASE("the standard's own traceparent is read and written") {
  const auto parent = parse_traceparent(kParent);
  REQUIRE(parent);
  CHECK(parent->trace.hex() == "0af7651916cd43dd8448eb211c80319c");
  CHECK(parent->span.hex() == "b7ad6b7169203331");
  CHECK(parent->sampled);
  CHECK(traceparent(*parent) == kParent);
  CHECK_FALSE(parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->sampled);
}

TEST_CASE("of a version to come the known beginning is read") {
  CHECK(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings"));
  CHECK_FALSE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01what"));
  CHECK_FALSE(parse_traceparent(kParent + "-more"));
}

TEST_CASE("what is no traceparent is none") {
  const std::string wrong =
      GENERATE(as<std::string>(), "", "00", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
               "00-00000000000000000000000000000000-b7ad6b7169203331-01",
               "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
               "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
               "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
               "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
               "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01");
  CHECK_FALSE(parse_traceparent(wrong));
}

TEST_CASE("the same name has the same ids, another one others") {
  CHECK(trace_named("a/orders/0/41") == trace_named("a/orders/0/41"));
  CHECK_FALSE(trace_named("a/orders/0/41") == trace_named("b/orders/0/41"));
  const TraceId trace = trace_named("x");
  CHECK(trace.hex().size() == 32);
  CHECK(span_named(trace, "s") == span_named(trace, "s"));
  CHECK_FALSE(span_named(trace, "s") == span_named(trace, "t"));
  CHECK_FALSE(span_named(trace, "s") == span_named(trace_named("y"), "s"));
  CHECK(span_named(trace, "s").hex().size() == 16);
  CHECK(SpanId{}.hex().empty());
}

TEST_CASE("which records to follow is said in one word") {
  CHECK(rule("off") == "0 0");
  CHECK(rule("requests") == "1 0");
  CHECK(rule("1/10000") == "1 10000");
  CHECK(rule("1/1") == "1 1");
  for (const std::string wrong : {"", "on", "1/0", "1/", "1/-5", "0.01", "1/10x"})
    CHECK(rule(wrong) ==
          "\"" + wrong + "\" does not say which records to follow: off, requests, or a share such as 1/10000");
}
