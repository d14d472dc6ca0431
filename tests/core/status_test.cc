#include "core/status.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>

using namespace penstock;

namespace {

Result<int> half(int number) {
  if (number % 2 != 0)
    return invalid_argument(std::to_string(number) + " is odd");
  return number / 2;
}

Result<int> quarter(int number) {
  PENSTOCK_ASSIGN(const int once, half(number));
  PENSTOCK_ASSIGN(const int twice, half(once));
  return twice;
}

Status all_even(std::initializer_list<int> numbers) {
  for (const int number : numbers)
    PENSTOCK_TRY(half(number).status());
  return ok();
}

}  // namespace

TEST_CASE("a status shows its code and message, with context before it") {
  CHECK(ok().to_string() == "ok");
  CHECK(ok().with_context("x").ok());
  const Status status = not_found("no log events");
  CHECK(status.to_string() == "not_found: no log events");
  CHECK(status.with_context("open").to_string() == "not_found: open: no log events");
  CHECK(data_loss("x").code() == Code::kDataLoss);
}

TEST_CASE("every code has a name of its own") {
  for (int a = 0; a <= static_cast<int>(Code::kInternal); ++a)
    for (int b = 0; b < a; ++b)
      CHECK(code_name(static_cast<Code>(a)) != code_name(static_cast<Code>(b)));
}

TEST_CASE("errors leave a function at once, values go on") {
  CHECK(*quarter(12) == 3);
  CHECK(quarter(6).status().to_string() == "invalid_argument: 3 is odd");
  CHECK(quarter(5).status().message() == "5 is odd");
  CHECK(all_even({2, 4}).ok());
  CHECK(all_even({2, 3, 5}).message() == "3 is odd");
}

TEST_CASE("a result may hold what can only be moved") {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  REQUIRE(result.ok());
  const std::unique_ptr<int> taken = *std::move(result);
  CHECK(*taken == 5);
}

TEST_CASE("errors of the system become the code that tells what may be done") {
  CHECK(io_error("cannot open x", ENOENT).to_string() == "not_found: cannot open x: No such file or directory");
  CHECK(io_error("x", ENOSPC).code() == Code::kResourceExhausted);
  CHECK(io_error("x", EACCES).code() == Code::kFailedPrecondition);
  CHECK(io_error("x", EIO).code() == Code::kUnavailable);
}
