#include "cli/exit.h"

#include <cstdio>

namespace penstock::cli {

int exit_code(Code code) {
  switch (code) {
    case Code::kOk: return Exit::kOk;
    case Code::kInvalidArgument: return Exit::kBadInput;
    case Code::kNotFound: return Exit::kNoInput;
    case Code::kAlreadyExists: return Exit::kCannotCreate;
    case Code::kFailedPrecondition: return Exit::kCannotCreate;
    case Code::kResourceExhausted: return Exit::kTemporary;
    case Code::kUnavailable: return Exit::kUnavailable;
    case Code::kDataLoss: return Exit::kIo;
    case Code::kCancelled: return Exit::kInterrupted;
    case Code::kInternal: return Exit::kInternal;
  }
  return Exit::kInternal;
}

void Exit::fail(const Status& status) {
  if (status.ok())
    return;
  std::fflush(stdout);
  std::fprintf(stderr, "penstock: %s\n", status.message().c_str());
  code = exit_code(status.code());
}

const char* exit_codes_help() {
  return "Exit codes:\n"
         "    0  done\n"
         "    1  a test of a topology failed\n"
         "   64  wrong command line\n"
         "   65  wrong input: a topology, data file or value\n"
         "   66  a file, user, item or model does not exist or cannot be read\n"
         "   69  the node does not answer, or cannot answer yet\n"
         "   70  a bug of Penstock, or a part of a node that hangs: start it again\n"
         "   73  output cannot be created: a read-only folder, a port or data folder in use\n"
         "   74  stored data is broken, or output was cut short\n"
         "   75  a budget or disk is full; may pass\n"
         "  130  stopped with Ctrl-C\n";
}

}  // namespace penstock::cli
