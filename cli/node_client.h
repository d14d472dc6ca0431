// What the verbs that talk to a running node share: ask it, show the answer, and turn refusals into messages.
#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "core/status.h"

namespace penstock::cli {

constexpr const char* kDefaultUrl = "http://127.0.0.1:8080";

struct NodeQuestion {
  std::string url;     // of the node
  std::string target;  // begins with `/`, percent-encoded
  bool json = false;   // show the answer as it is
};

/// Prints an answer (valid JSON) for people.
using PrintAnswer = std::function<Status(const std::string& answer, std::ostream& out)>;

/// Asks with GET and prints what comes back, or `penstock: <what is wrong>` to `err`. Gives the exit code.
int show_answer(const NodeQuestion& question, const PrintAnswer& print, std::ostream& out, std::ostream& err);

}  // namespace penstock::cli
