#include "cli/dead_letters_text.h"

#include <simdjson.h>

#include <vector>

#include "actors/regions/letter_reason.h"
#include "cli/answer_json.h"
#include "cli/table.h"
#include "messages/decode_error.h"

namespace penstock::cli {
namespace {

namespace dom = simdjson::dom;

bool is_null(const Element& element) { return element.error() != simdjson::SUCCESS || element.is_null(); }

std::string counted(uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

Status not_known() {
  return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
}

std::string place(const dom::element& letter) {
  if (text(letter["log"]).empty())
    return "never reached a log";
  std::string out = "came from the log " + text(letter["log"]);
  if (!is_null(letter["partition"]))
    out += ", partition " + std::to_string(natural(letter["partition"]));
  if (!is_null(letter["offset"]))
    out += ", offset " + std::to_string(natural(letter["offset"]));
  return out;
}

}  // namespace

Status print_letters(const std::string& answer, std::ostream& out) {
  dom::parser parser;
  dom::element root;
  dom::array letters;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS || root["letters"].get(letters) != simdjson::SUCCESS)
    return not_known();
  const bool more = !is_null(root["next"]);
  if (letters.size() == 0)
    out << (more ? "none of these\n" : "no dead letters\n");
  if (letters.size() > 0) {
    Table table({{"NUMBER", Table::Align::kRight}, {"SET ASIDE"}, {"BY"}, {"REPLAYED"}, {"REASON"}, {"RECORD"}});
    for (const dom::element letter : letters)
      table.add({std::to_string(natural(letter["number"])), text(letter["at"]), text(letter["stage"]),
                 is_null(letter["replayed"]) ? "-" : text(letter["replayed"]["at"]), shorten(text(letter["reason"])),
                 shorten(text(letter["record"]))});
    table.print(out);
  }
  if (more)
    out << "\nolder ones: --from " << natural(root["next"]) << '\n';
  return ok();
}

Status print_letter_summary(const std::string& answer, std::ostream& out) {
  dom::parser parser;
  dom::element root;
  dom::array groups;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS || root["groups"].get(groups) != simdjson::SUCCESS)
    return not_known();
  if (groups.size() == 0)
    out << "no dead letters\n";
  if (groups.size() > 0) {
    Table table({{"LETTERS", Table::Align::kRight},
                 {"REPLAYED", Table::Align::kRight},
                 {"BY"},
                 {"NEWEST"},
                 {"EXAMPLE", Table::Align::kRight},
                 {"REASON"}});
    for (const dom::element group : groups)
      table.add({std::to_string(natural(group["letters"])), std::to_string(natural(group["replayed"])),
                 text(group["stage"]), text(group["newest"]), std::to_string(natural(group["example"])),
                 text(group["reason"])});
    table.print(out);
  }
  if (!is_null(root["older"]))
    out << "\nletters from number " << natural(root["older"]) << " down were not counted\n";
  return ok();
}

Status print_letter(const std::string& answer, std::ostream& out) {
  dom::parser parser;
  dom::element letter;
  if (parser.parse(answer).get(letter) != simdjson::SUCCESS || letter["number"].error() != simdjson::SUCCESS)
    return not_known();
  out << "letter " << natural(letter["number"]) << ": set aside " << text(letter["at"]) << " by "
      << text(letter["stage"]) << " of " << text(letter["topology"]) << "; it " << place(letter) << "\n\n";
  for (const std::string& rule : reason_rules(text(letter["reason"])))
    out << "  " << rule << '\n';
  out << "\nrecord:   " << text(letter["record"]) << '\n';
  const auto replay = letter["replay"];
  if (replay.error() == simdjson::SUCCESS) {
    if (!is_null(replay["original"]))
      out << "original: " << simdjson::minify(replay["original"].value()) << '\n';
    out << '\n';
    if (const std::string refusal = text(replay["refused"]); !refusal.empty())
      out << "it cannot be replayed: " << refusal << '\n';
    else
      out << "a replay goes to the log " << text(replay["log"]) << ": " << text(replay["columns"]) << '\n';
  }
  if (!is_null(letter["replayed"]))
    out << "replayed " << counted(natural(letter["replayed"]["times"]), "time", "times") << ", the last "
        << text(letter["replayed"]["at"]) << " into the log " << text(letter["replayed"]["log"]) << '\n';
  return ok();
}

Status print_replayed(const std::string& answer, std::ostream& out, bool& refused) {
  dom::parser parser;
  dom::element root;
  dom::array done, refusals;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS || root["replayed"].get(done) != simdjson::SUCCESS ||
      root["refused"].get(refusals) != simdjson::SUCCESS)
    return not_known();
  out << "replayed " << counted(done.size(), "letter", "letters");
  if (done.size() == 1)
    out << " into the log " << text(done.at(0)["log"]);
  out << '\n';
  for (const dom::element one : refusals)
    out << "not letter " << natural(one["number"]) << ": " << text(one["reason"]) << '\n';
  if (const uint64_t left = natural(root["left"]); left > 0)
    out << counted(left, "more fits", "more fit") << "; run it again for them\n";
  refused = refusals.size() > 0;
  return ok();
}

}  // namespace penstock::cli
