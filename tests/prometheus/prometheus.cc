#include "tests/prometheus/prometheus.h"

#include <rapidjson/document.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/support/http.h"

namespace penstock::test {
namespace {

using rapidjson::Document;

std::string config(uint16_t node, const std::vector<std::string>& rule_files) {
  std::string text =
      "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
      "scrape_configs:\n"
      "  - {job_name: penstock, static_configs: [{targets: ['127.0.0.1:" +
      std::to_string(node) + "']}]}\nrule_files:\n";
  for (const std::string& file : rule_files)
    text += "  - '" + file + "'\n";
  return text;
}

Command command(const TemporaryFolder& folder, uint16_t port, const std::string& text) {
  const std::string file = folder / "prometheus.yml";
  std::ofstream(file) << text;
  return {.arguments = {"prometheus", "--config.file=" + file, "--storage.tsdb.path=" + (folder / "data"),
                        "--web.listen-address=127.0.0.1:" + std::to_string(port), "--log.level=warn"}};
}

std::string encoded(const std::string& text) {
  std::string out;
  for (const unsigned char c : text) {
    std::array<char, 4> code{};
    std::snprintf(code.data(), code.size(), "%%%02X", c);
    out += code.data();
  }
  return out;
}

/// The body without the lengths of its chunks, where Prometheus sends it in such.
std::string whole_body(const Answer& answer) {
  if (answer.head.find("Transfer-Encoding: chunked") == std::string::npos)
    return answer.body;
  std::string out;
  for (size_t at = 0; at < answer.body.size();) {
    const size_t size = std::strtoul(answer.body.c_str() + at, nullptr, 16);
    const size_t begin = answer.body.find("\r\n", at) + 2;
    out += answer.body.substr(begin, size);
    at = begin + size + 2;
    if (size == 0)
      break;
  }
  return out;
}

bool is_number(const rapidjson::Value& sample) {
  const std::string value = sample[1].GetString();
  return value != "NaN";
}

std::string text_of(const rapidjson::Value& object, const char* name) {
  return object.HasMember(name) ? object[name].GetString() : "";
}

}  // namespace

bool Prometheus::is_installed() {
  return run_to_end({{"sh", "-c", "command -v prometheus && command -v promtool"}}).code == 0;
}

Prometheus::Prometheus(uint16_t node, const std::vector<std::string>& rule_files)
    : port_(free_port()), process_(command(folder_, port_, config(node, rule_files))) {}

bool Prometheus::wait_for_scrape() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < until) {
    if (!process_.running())
      return false;
    if (ask("up == 1").series == 1)
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

Prometheus::Answer Prometheus::ask(const std::string& expression) const {
  const auto answer = http_get(port_, "/api/v1/query?query=" + encoded(expression));
  const std::string body = whole_body(answer);
  Document document;
  document.Parse(body.data(), body.size());
  if (document.HasParseError() || !document.IsObject())
    return {"no answer: " + std::to_string(answer.code) + " " + body, 0};
  if (answer.code != 200)
    return {text_of(document, "error"), 0};
  Answer out;
  const rapidjson::Value& data = document["data"];
  if (std::string(data["resultType"].GetString()) == "scalar")
    out.series = is_number(data["result"]) ? 1 : 0;
  else
    for (const auto& series : data["result"].GetArray())
      out.series += is_number(series["value"]) ? 1 : 0;
  return out;
}

std::vector<RuleHealth> Prometheus::rules() const {
  const auto answer = http_get(port_, "/api/v1/rules");
  const std::string body = whole_body(answer);
  Document document;
  document.Parse(body.data(), body.size());
  if (document.HasParseError() || answer.code != 200)
    throw std::runtime_error("Prometheus tells nothing of its rules: " + body);
  std::vector<RuleHealth> out;
  for (const auto& group : document["data"]["groups"].GetArray())
    for (const auto& rule : group["rules"].GetArray())
      out.push_back({text_of(rule, "name"), text_of(rule, "health"), text_of(rule, "lastError")});
  return out;
}

}  // namespace penstock::test
