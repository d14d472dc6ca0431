// How the program ends.
#pragma once

#include "core/exit_codes.h"
#include "core/status.h"

namespace penstock::cli {

/// The outcome of the verb that ran. main() returns its code.
struct Exit {
  static constexpr int kOk = kExitOk;
  static constexpr int kFailed = 1;  // tests of a topology
  static constexpr int kUsage = kExitUsage;
  static constexpr int kBadInput = kExitBadInput;
  static constexpr int kNoInput = kExitNoInput;
  static constexpr int kUnavailable = kExitUnavailable;
  static constexpr int kInternal = kExitSoftware;
  static constexpr int kCannotCreate = kExitCannotCreate;
  static constexpr int kIo = kExitIo;
  static constexpr int kTemporary = kExitTemporary;
  static constexpr int kInterrupted = kExitInterrupted;

  int code = kOk;

  /// Prints `penstock: <message>` to stderr and takes the code that stands for the status. An ok status changes nothing.
  void fail(const Status& status);
};

/// The exit code that stands for a status code.
int exit_code(Code code);

/// The table of exit codes, one line each, for `--help`.
const char* exit_codes_help();

}  // namespace penstock::cli
