#include "core/status.h"

#include <cerrno>
#include <cstring>

namespace penstock {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::kOk: return "ok";
    case Code::kInvalidArgument: return "invalid_argument";
    case Code::kNotFound: return "not_found";
    case Code::kAlreadyExists: return "already_exists";
    case Code::kFailedPrecondition: return "failed_precondition";
    case Code::kResourceExhausted: return "resource_exhausted";
    case Code::kUnavailable: return "unavailable";
    case Code::kDataLoss: return "data_loss";
    case Code::kCancelled: return "cancelled";
    case Code::kInternal: return "internal";
  }
  return "unknown";
}

Status Status::with_context(std::string_view context) const {
  return ok() ? *this : Status(code_, std::string(context) + ": " + message_);
}

std::string Status::to_string() const { return ok() ? "ok" : std::string(code_name(code_)) + ": " + message_; }

Status invalid_argument(std::string message) { return {Code::kInvalidArgument, std::move(message)}; }
Status not_found(std::string message) { return {Code::kNotFound, std::move(message)}; }
Status already_exists(std::string message) { return {Code::kAlreadyExists, std::move(message)}; }
Status failed_precondition(std::string message) { return {Code::kFailedPrecondition, std::move(message)}; }
Status resource_exhausted(std::string message) { return {Code::kResourceExhausted, std::move(message)}; }
Status unavailable(std::string message) { return {Code::kUnavailable, std::move(message)}; }
Status data_loss(std::string message) { return {Code::kDataLoss, std::move(message)}; }
Status cancelled(std::string message) { return {Code::kCancelled, std::move(message)}; }
Status internal_error(std::string message) { return {Code::kInternal, std::move(message)}; }

Status io_error(std::string_view doing_what, int error_number) {
  std::string message = std::string(doing_what) + ": " + std::strerror(error_number);
  switch (error_number) {
    case ENOENT: return not_found(std::move(message));
    case ENOSPC:
    case EDQUOT: return resource_exhausted(std::move(message));
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR: return failed_precondition(std::move(message));
    default: return unavailable(std::move(message));
  }
}

}  // namespace penstock
