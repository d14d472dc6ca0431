#include "cli/trial_log.h"

#include <rapidjson/document.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "actors/servers/json_writer.h"

namespace penstock::cli {
namespace {

std::string text_of(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsString() ? found->value.GetString() : "";
}

double number_of(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsNumber() ? found->value.GetDouble() : 0;
}

LoggedTrial read_trial(const rapidjson::Document& line) {
  LoggedTrial out;
  out.trial.value = number_of(line, "value");
  out.seconds = number_of(line, "seconds");
  out.error = text_of(line, "error");
  if (const auto found = line.FindMember("parameters"); found != line.MemberEnd() && found->value.IsObject())
    for (const auto& member : found->value.GetObject())
      if (member.value.IsString())
        out.trial.parameters.emplace_back(member.name.GetString(), member.value.GetString());
  return out;
}

}  // namespace

Result<TrialLog> TrialLog::open(std::string path, std::string search) {
  TrialLog log(std::move(path), std::move(search));
  std::ifstream in(log.path_);
  std::string text;
  for (size_t number = 1; std::getline(in, text); ++number) {
    rapidjson::Document line;
    line.Parse(text.c_str());
    if (line.HasParseError() || !line.IsObject()) {
      if (in.peek() == std::ifstream::traits_type::eof())
        break;  // a crash came between
      return invalid_argument(log.path_ + ", line " + std::to_string(number) +
                              ": no trial of a search; name another file with --results");
    }
    if (text_of(line, "search") == log.search_)
      log.trials_.push_back(read_trial(line));
    else
      ++log.others_;
  }
  return log;
}

Status TrialLog::add(const LoggedTrial& trial) {
  trials_.push_back(trial);
  JsonWriter json;
  json.begin_object();
  json.field("search", search_);
  json.field("trial", trials_.size());
  json.field("value", trial.trial.value);
  json.field("seconds", trial.seconds);
  json.key("parameters").begin_object();
  for (const auto& [name, value] : trial.trial.parameters)
    json.field(name, value);
  json.end_object();
  if (!trial.error.empty())
    json.field("error", trial.error);
  json.end_object();
  std::string line = json.take() + "\n";
  std::fstream before(path_, std::ios::in | std::ios::binary | std::ios::ate);
  if (before.is_open() && before.tellg() > 0) {  // a line that a crash cut off stays a line of its own
    before.seekg(-1, std::ios::end);
    if (before.get() != '\n')
      line.insert(line.begin(), '\n');
  }
  std::ofstream out(path_, std::ios::app | std::ios::binary);
  out << line << std::flush;
  return out ? ok() : unavailable(path_ + " cannot be written: " + std::strerror(errno));
}

}  // namespace penstock::cli
