// The one error type of Penstock. Functions that can fail return `Status`, or `Result<T>` when there is a value to
// return. A message says what went wrong, which thing it concerns, and where it helps, what would be right; it is one
// sentence without a trailing full stop, fit to be shown to a user.
//
// Library exceptions are caught where the library is called and become a Status there.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace penstock {

enum class Code {
  kOk,
  kInvalidArgument,     // the input is wrong, and will stay wrong
  kNotFound,            // the named thing does not exist
  kAlreadyExists,       // the named thing exists, or is in use by somebody else
  kFailedPrecondition,  // right input, wrong moment (no model yet, store is read-only)
  kResourceExhausted,   // a budget, quota or disk is full; may pass
  kUnavailable,         // a peer or a device does not answer; may pass
  kDataLoss,            // stored data is broken
  kCancelled,           // stopped on request
  kInternal,            // our own bug
};

std::string_view code_name(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

  /// The same status with `context: ` before its message.
  Status with_context(std::string_view context) const;
  /// `ok`, or `invalid_argument: the message`.
  std::string to_string() const;

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

inline Status ok() { return {}; }
Status invalid_argument(std::string message);
Status not_found(std::string message);
Status already_exists(std::string message);
Status failed_precondition(std::string message);
Status resource_exhausted(std::string message);
Status unavailable(std::string message);
Status data_loss(std::string message);
Status cancelled(std::string message);
Status internal_error(std::string message);
/// From errno: `cannot open "x": No such file or directory`. ENOENT is not_found, ENOSPC and EDQUOT
/// resource_exhausted, EACCES, EROFS and ENOTDIR failed_precondition, everything else unavailable.
Status io_error(std::string_view doing_what, int error_number);

/// A value, or the status that says why there is none. Requires: a Result is never made from an ok status.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}
  Result(Status status) : content_(std::move(status)) { assert(!std::get<Status>(content_).ok()); }

  bool ok() const { return std::holds_alternative<T>(content_); }
  Status status() const { return ok() ? Status() : std::get<Status>(content_); }

  T& value() & { return std::get<T>(content_); }
  const T& value() const& { return std::get<T>(content_); }
  T&& value() && { return std::get<T>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> content_;
};

// Leaves the function with the error of `expression`, if it has one.
#define PENSTOCK_TRY(expression)                                    \
  do {                                                              \
    if (auto penstock_status = (expression); !penstock_status.ok()) \
      return penstock_status;                                       \
  } while (false)

#define PENSTOCK_CONCAT_(a, b) a##b
#define PENSTOCK_CONCAT(a, b) PENSTOCK_CONCAT_(a, b)
#define PENSTOCK_ASSIGN_(temporary, target, expression) \
  auto temporary = (expression);                        \
  if (!temporary.ok())                                  \
    return temporary.status();                          \
  target = std::move(temporary).value()
// PENSTOCK_ASSIGN(auto x, f()): x is the value of f(), or the function is left with the error of f().
#define PENSTOCK_ASSIGN(target, expression) \
  PENSTOCK_ASSIGN_(PENSTOCK_CONCAT(penstock_result_, __LINE__), target, expression)

}  // namespace penstock
