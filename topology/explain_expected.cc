#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <cmath>

#include "topology/expect.h"

namespace penstock::topology {
namespace {

std::string size(double bytes) { return to_string(Bytes{static_cast<uint64_t>(std::llround(bytes))}); }

// 1234567 as 1,234,567.
std::string grouped(double count) {
  std::string digits = std::to_string(std::llround(count));
  for (size_t i = digits.size(); i > 3; i -= 3)
    digits.insert(i - 3, ",");
  return digits;
}

std::string padded(std::string text, size_t width) {
  text.append(width > text.size() ? width - text.size() : 0, ' ');
  return text;
}

std::string line(const std::string& name, const std::string& what, double bytes, const std::string& more) {
  return "  " + padded(name, 20) + " " + padded(what, 12) + " " + padded(size(bytes), 10) + (more.empty() ? "" : " ") +
         more + "\n";
}

std::string counted(const Expected& expected) {
  return grouped(expected.count) + " of " + grouped(expected.each) + " bytes";
}

std::string memory_lines(const Expectation& expectation) {
  std::string out;
  for (const ExpectedPart& part : expectation.parts) {
    const Expected& expected = part.expected;
    if (expected.kind == Expected::Kind::kDisk)
      continue;
    std::string more = expected.count == 1 ? "" : counted(expected);
    if (part.guessed)
      more += " (a guess: say --keys " + part.component + "=N)";
    if (expected.kind == Expected::Kind::kTraining)
      more += "while it runs";
    if (part.limit > 0)
      more += ", at most " + to_string(Bytes{part.limit}) + " of it in memory";
    out += line(part.component, expected.what, expected.bytes(), more);
  }
  return out;
}

std::string disk_lines(const Expectation& expectation) {
  std::string out;
  for (const ExpectedPart& part : expectation.parts)
    if (part.expected.kind == Expected::Kind::kDisk)
      out += line(part.component, "table", part.expected.bytes(), counted(part.expected));
  for (const ExpectedLog& log : expectation.logs) {
    std::string more = grouped(log.bytes_a_row) + " bytes a row";
    if (log.bytes_a_day)
      more += ", " + size(*log.bytes_a_day) + " a day";
    out += log.bytes_kept
               ? line(log.log, "log", *log.bytes_kept, more)
               : "  " + padded(log.log, 20) + " " + padded("log", 12) + " " + padded("grows", 10) + " " + more + "\n";
  }
  return out;
}

std::string disk_verdict(const Expectation& expectation) {
  double a_day = 0, kept = expectation.tables;
  for (const ExpectedLog& log : expectation.logs) {
    kept += log.bytes_kept.value_or(0);
    a_day += log.bytes_kept ? 0 : log.bytes_a_day.value_or(0);
  }
  const auto budget = static_cast<double>(expectation.disk_budget);
  std::string out = "  together " + size(kept) + " of the disk_budget of " + size(budget);
  if (kept > budget)
    return out + ": DOES NOT FIT\n";
  if (a_day > 0)
    out += ", and " + size(a_day) + " more each day: full after " + grouped((budget - kept) / a_day) + " days";
  return out + "\n";
}

std::string memory_verdict(const Expectation& expectation) {
  const std::string sum = "  together " + size(expectation.memory());
  const auto budget = static_cast<double>(expectation.memory_budget);
  if (budget == 0)
    return sum + "\n";
  const std::string of = " of the memory_budget of " + size(budget);
  if (expectation.memory() <= budget)
    return sum + of + ": fits\n";
  if (expectation.least_memory() <= budget)
    return sum + of + ": fits, with " + size(expectation.memory() - budget) + " of state left on disk\n";
  return sum + of + ": DOES NOT FIT: " + size(expectation.least_memory()) + " of it cannot be left on disk\n";
}

}  // namespace

std::string explain_expected(const Expectation& expectation) {
  const Scale& scale = expectation.scale;
  std::string out = "\nexpected for " + grouped(scale.users) + " users and " + grouped(scale.items) + " items, " +
                    grouped(scale.items_per_user) + " items a user";
  if (scale.events_a_day)
    out += ", " + grouped(*scale.events_a_day) + " events a day";
  out += " (estimates, within a factor of two)\nmemory\n" + memory_lines(expectation);
  out += line("regions", "in flight", expectation.in_flight, "at most");
  out += line("node", "batch cache", expectation.batch_cache, "at most");
  out += memory_verdict(expectation);
  return out + "disk\n" + disk_lines(expectation) + disk_verdict(expectation);
}

std::string explain_expected_json(const Expectation& expectation) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
  json.SetIndent(' ', 2);
  const auto bytes = [&](const char* name, double value) {
    json.Key(name);
    json.Uint64(static_cast<uint64_t>(std::llround(value)));
  };
  constexpr const char* kKinds[] = {"state", "memory", "training", "disk"};
  json.StartObject();
  json.Key("parts");
  json.StartArray();
  for (const ExpectedPart& part : expectation.parts) {
    json.StartObject();
    json.Key("component");
    json.String(part.component.c_str());
    json.Key("kind");
    json.String(kKinds[static_cast<size_t>(part.expected.kind)]);
    json.Key("what");
    json.String(part.expected.what.c_str());
    bytes("count", part.expected.count);
    bytes("bytes", part.expected.bytes());
    bytes("limit", static_cast<double>(part.limit));
    json.Key("guessed");
    json.Bool(part.guessed);
    json.EndObject();
  }
  json.EndArray();
  json.Key("logs");
  json.StartArray();
  for (const ExpectedLog& log : expectation.logs) {
    json.StartObject();
    json.Key("log");
    json.String(log.log.c_str());
    bytes("bytes_a_row", log.bytes_a_row);
    if (log.bytes_a_day)
      bytes("bytes_a_day", *log.bytes_a_day);
    if (log.bytes_kept)
      bytes("bytes_kept", *log.bytes_kept);
    json.EndObject();
  }
  json.EndArray();
  bytes("in_flight", expectation.in_flight);
  bytes("memory", expectation.memory());
  bytes("least_memory", expectation.least_memory());
  bytes("tables", expectation.tables);
  bytes("memory_budget", static_cast<double>(expectation.memory_budget));
  bytes("disk_budget", static_cast<double>(expectation.disk_budget));
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace penstock::topology
