#include "cli/dead_letters.h"

#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "actors/regions/dead_letter_log.h"
#include "actors/regions/dead_letters.h"
#include "actors/servers/api_dead_letters.h"
#include "actors/servers/http_target.h"
#include "cli/dead_letters_text.h"
#include "cli/table.h"
#include "core/clock.h"
#include "messages/json_writer.h"
#include "storage/lmdb_store.h"

namespace penstock::cli {
namespace {

int report(const Status& status, std::ostream& err) {
  if (status.ok())
    return Exit::kOk;
  err << "penstock: " << printable(status.message()) << '\n';
  return exit_code(status.code());
}

bool filtered(const DeadLetterOptions& options) {
  return !options.stage.empty() || !options.reason.empty() || !options.since.empty() || !options.until.empty();
}

// `?stage=clean&since=1h`, or nothing.
std::string query(const DeadLetterOptions& options, std::vector<std::pair<std::string, std::string>> more = {}) {
  std::vector<std::pair<std::string, std::string>> all = {
      {"stage", options.stage}, {"reason", options.reason}, {"since", options.since}, {"until", options.until}};
  if (options.replayed || options.pending)
    all.emplace_back("replayed", options.replayed ? "true" : "false");
  all.insert(all.end(), more.begin(), more.end());
  std::string out;
  for (const auto& [name, value] : all)
    if (!value.empty())
      out += (out.empty() ? "?" : "&") + name + "=" + percent_encode(value);
  return out;
}

Result<std::optional<Timestamp>> time_of(const std::string& text, const char* option) {
  if (text.empty())
    return std::optional<Timestamp>();
  const auto time = parse_letter_time(text, Clock::system().now());
  if (!time)
    return invalid_argument(std::string(option) + ": expected " + kLetterTime + ", found \"" + text + "\"");
  return time;
}

Result<LetterFilter> filter_of(const DeadLetterOptions& options) {
  LetterFilter filter{.stage = options.stage, .reason = options.reason};
  PENSTOCK_ASSIGN(filter.since, time_of(options.since, "--since"));
  PENSTOCK_ASSIGN(filter.until, time_of(options.until, "--until"));
  if (options.replayed || options.pending)
    filter.replayed = options.replayed;
  return filter;
}

// From the store of a stopped node, in the form of a node's answer.
Result<std::string> read_store(const DeadLetterOptions& options) {
  if (!std::filesystem::exists(options.data_dir + "/data.mdb"))
    return not_found("there is no store in " + options.data_dir);
  PENSTOCK_ASSIGN(const LetterFilter filter, filter_of(options));
  LmdbOptions lmdb;
  lmdb.path = options.data_dir;
  PENSTOCK_ASSIGN(const std::unique_ptr<Store> store, LmdbStore::open(lmdb));
  const DeadLetterLog log(*store);
  if (!options.numbers.empty()) {
    PENSTOCK_ASSIGN(const DeadLetter letter, log.get(Offset(options.numbers.front())));
    return to_json(letter);
  }
  if (options.summary) {
    PENSTOCK_ASSIGN(const LetterSummary summary, log.summary(filter));
    return to_json(summary);
  }
  const auto from = options.from ? std::optional(Offset(*options.from)) : std::nullopt;
  PENSTOCK_ASSIGN(const LetterPage page, log.list(filter, from, static_cast<size_t>(options.n)));
  return to_json(page);
}

int answer(const Result<std::string>& text, const DeadLetterOptions& options, const PrintAnswer& print,
           std::ostream& out, std::ostream& err) {
  if (!text.ok())
    return report(text.status(), err);
  if (!options.json)
    return report(print(*text, out), err);
  out << *text << '\n';
  return Exit::kOk;
}

std::string joined(const std::vector<uint64_t>& numbers) {
  std::string out;
  for (const uint64_t number : numbers)
    out += (out.empty() ? "" : ",") + std::to_string(number);
  return out;
}

// Lines of {"number": 3, "record": {...}} as the elements of an array.
Result<std::string> read_repaired(const std::string& file, std::istream& in) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file);
    if (!opened)
      return not_found("cannot read " + file);
  }
  std::istream& lines = file == "-" ? in : opened;
  simdjson::dom::parser parser;
  std::string out;
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    simdjson::dom::object object;
    if (parser.parse(line).get(object) != simdjson::SUCCESS || object["number"].error() != simdjson::SUCCESS ||
        object["record"].error() != simdjson::SUCCESS)
      return invalid_argument(file + ":" + std::to_string(number) +
                              ": expected {\"number\": 3, \"record\": {...}}, found " + line.substr(0, 60));
    out += (out.empty() ? "" : ",") + line;
  }
  return out;
}

Result<std::string> replay_body(const DeadLetterOptions& options, std::istream& in) {
  std::string body = "{";
  const auto add = [&](const std::string& name, const std::string& value) {
    body += (body.size() == 1 ? "\"" : ",\"") + name + "\":" + value;
  };
  if (!options.numbers.empty())
    add("numbers", "[" + joined(options.numbers) + "]");
  if (filtered(options) || options.all) {
    std::string filter;
    for (const auto& [name, value] : {std::pair<const char*, const std::string&>{"stage", options.stage},
                                      {"reason", options.reason},
                                      {"since", options.since},
                                      {"until", options.until}}) {
      if (value.empty())
        continue;
      filter += std::string(filter.empty() ? "\"" : ",\"") + name + "\":";
      append_json_string(value, filter);
    }
    add("filter", "{" + (filter.empty() ? "\"all\":true" : filter) + "}");
  }
  if (!options.repaired.empty()) {
    PENSTOCK_ASSIGN(const std::string repaired, read_repaired(options.repaired, in));
    add("repaired", "[" + repaired + "]");
  }
  if (options.again)
    add("again", "true");
  return body + "}";
}

bool says_which(const DeadLetterOptions& options) {
  return !options.numbers.empty() || filtered(options) || options.all || !options.repaired.empty() ||
         options.replayed || options.pending;
}

int unsaid(const char* verb, std::ostream& err) {
  err << "penstock dead-letters " << verb
      << ": say which letters: their numbers, --stage, --reason, --since, --until or --all\n";
  return Exit::kUsage;
}

}  // namespace

int list_dead_letters(const DeadLetterOptions& options, std::ostream& out, std::ostream& err) {
  const PrintAnswer print = options.summary ? print_letter_summary : print_letters;
  const std::string path = options.summary ? "/v1/dead-letters/summary" : "/v1/dead-letters";
  std::vector<std::pair<std::string, std::string>> page;
  if (!options.summary)
    page = {{"from", options.from ? std::to_string(*options.from) : ""}, {"limit", std::to_string(options.n)}};
  return answer(options.data_dir.empty() ? ask_node(options.url, path + query(options, page)) : read_store(options),
                options, print, out, err);
}

int show_dead_letter(const DeadLetterOptions& options, std::ostream& out, std::ostream& err) {
  const std::string path = "/v1/dead-letters/" + std::to_string(options.numbers.front());
  return answer(options.data_dir.empty() ? ask_node(options.url, path) : read_store(options), options, print_letter,
                out, err);
}

int replay_dead_letters(const DeadLetterOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
  if (!says_which(options))
    return unsaid("replay", err);
  const Result<std::string> body = replay_body(options, in);
  if (!body.ok())
    return report(body.status(), err);
  bool refused = false;
  const auto print = [&](const std::string& text, std::ostream& stream) {
    return print_replayed(text, stream, refused);
  };
  const int code = answer(ask_node(options.url, "/v1/dead-letters/replay", *body), options, print, out, err);
  return code == Exit::kOk && refused ? Exit::kBadInput : code;
}

int purge_dead_letters(const DeadLetterOptions& options, std::ostream& out, std::ostream& err) {
  if (!says_which(options))
    return unsaid("purge", err);
  const std::string target =
      "/v1/dead-letters" + query(options, {{"numbers", joined(options.numbers)}, {"all", options.all ? "true" : ""}});
  const auto print = [](const std::string& text, std::ostream& stream) {
    simdjson::dom::parser parser;
    uint64_t purged = 0;
    if (parser.parse(text)["purged"].get(purged) != simdjson::SUCCESS)
      return internal_error("the node's answer is not what this version of penstock expects");
    stream << "purged " << purged << (purged == 1 ? " letter" : " letters") << '\n';
    return ok();
  };
  return answer(delete_at_node(options.url, target), options, print, out, err);
}

}  // namespace penstock::cli
