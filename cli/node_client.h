// What the verbs that talk to a running node share: ask it, show the answer, and turn refusals into messages.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "core/status.h"

namespace penstock::cli {

constexpr const char* kDefaultUrl = "http://127.0.0.1:8080";

struct NodeQuestion {
  std::string url;                       // of the node
  std::string target;                    // begins with `/`, percent-encoded
  bool json = false;                     // show the answer as it is
  std::optional<std::string> body = {};  // JSON to POST; none: GET
};

/// The same with DELETE.
Result<std::string> delete_at_node(const std::string& url, const std::string& target);

/// What is at `target`, of any type. Errors: as ask_node.
Result<std::string> fetch_from_node(const std::string& url, const std::string& target);
/// Sends a body of that content type with POST, and gives the answer, valid JSON. Errors: as ask_node.
Result<std::string> send_to_node(const std::string& url, const std::string& target, const std::string& content_type,
                                 const std::string& body);

/// Hands on what comes from `target`, piece by piece, until `take` returns false or the node ends it. Errors: as ask_node.
Status stream_from_node(const std::string& url, const std::string& target,
                        const std::function<bool(std::string_view piece)>& take);

/// Prints an answer (valid JSON) for people.
using PrintAnswer = std::function<Status(const std::string& answer, std::ostream& out)>;

/// Asks with GET, or with POST where there is a body (JSON, may be empty text), and gives the answer, valid JSON. Errors:
/// invalid_argument (the URL), what the node says when it refuses, unavailable (nobody answers there).
Result<std::string> ask_node(const std::string& url, const std::string& target,
                             const std::optional<std::string>& body = std::nullopt);

/// Asks and prints what comes back, or `penstock: <what is wrong>` to `err`. Gives the exit code.
int show_answer(const NodeQuestion& question, const PrintAnswer& print, std::ostream& out, std::ostream& err);

}  // namespace penstock::cli
