// How the program ends: the exit codes of sysexits.h, so that scripts can tell what kind of thing went wrong.
#pragma once

#include "core/status.h"

namespace penstock::cli {

/// The outcome of the verb that ran. main() returns its code.
struct Exit {
  static constexpr int kOk = 0;
  static constexpr int kUsage = 64;         // wrong command line
  static constexpr int kBadInput = 65;      // a file or value is wrong, and will stay wrong
  static constexpr int kNoInput = 66;       // a file, user, item or model does not exist or cannot be read
  static constexpr int kUnavailable = 69;   // the node does not answer, or cannot answer yet
  static constexpr int kInternal = 70;      // a bug of Penstock
  static constexpr int kCannotCreate = 73;  // output cannot be created: a read-only folder, a port or folder in use
  static constexpr int kIo = 74;            // stored data is broken, or output was cut short
  static constexpr int kTemporary = 75;     // a budget or disk is full; may pass
  static constexpr int kInterrupted = 130;  // stopped with Ctrl-C

  int code = kOk;

  /// Prints `penstock: <message>` to stderr and takes the code that stands for the status. An ok status changes nothing.
  void fail(const Status& status);
};

/// The exit code that stands for a status code.
int exit_code(Code code);

/// The table of exit codes, one line each, for `--help`.
const char* exit_codes_help();

}  // namespace penstock::cli
