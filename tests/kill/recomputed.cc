#include "tests/kill/recomputed.h"

#include <rapidjson/document.h>

#include <chrono>
#include <functional>
#include <thread>

namespace penstock::kill {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;

// Asks until `done` says so of an answer; gives the last one.
test::Answer ask_until(const std::function<test::Answer()>& ask, const std::function<bool(const test::Answer&)>& done) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    test::Answer answer = ask();
    if (done(answer) || std::chrono::steady_clock::now() > until)
      return answer;
    std::this_thread::sleep_for(10ms);
  }
}

// One run at a time: 409 while another is under way.
test::Answer begin(test::RunningNode& node, const std::string& target) {
  return ask_until([&] { return node.post(target, ""); },
                   [](const test::Answer& answer) { return answer.code != 409; });
}

std::string text(const test::Answer& answer) { return std::to_string(answer.code) + " " + answer.body; }

}  // namespace

Reconciled reconcile(test::RunningNode& node, const Stored& stored) {
  const test::Answer begun = begin(node, "/v1/views/per_user/reconcile");
  rapidjson::Document run;
  if (begun.code != 202 || run.Parse(begun.body.c_str()).HasParseError())
    return {"no reconciliation begins: " + text(begun)};
  const std::string id = run["run"].GetString();
  Reconciled out{"", std::stoull(id.substr(id.rfind('-') + 1))};
  const test::Answer ended = ask_until([&] { return node.get("/v1/batch-runs/" + id); },
                                       [&](const test::Answer& answer) {
                                         if (answer.code != 200 || run.Parse(answer.body.c_str()).HasParseError())
                                           return true;
                                         const std::string state = run["state"].GetString();
                                         return state == "done" || state == "failed" || state == "cancelled";
                                       });
  if (ended.code != 200 || !run.IsObject() || run["state"] != "done" || run["differences"].GetUint64() != 0 ||
      run["records"].GetUint64() != stored.ids.size() || run["rows"].GetUint64() != stored.by(true).size())
    out.problem = "of " + std::to_string(stored.ids.size()) + " orders the reconciliation says " + text(ended);
  return out;
}

std::string run_job(test::RunningNode& node, const std::string& job) {
  const test::Answer begun = begin(node, "/v1/jobs/" + job + "/run");
  rapidjson::Document answered;
  if (begun.code != 202 || answered.Parse(begun.body.c_str()).HasParseError())
    return "no run begins: " + text(begun);
  const uint64_t number = answered["number"].GetUint64();
  std::string state;
  const test::Answer ended = ask_until([&] { return node.get("/v1/jobs/" + job); },
                                       [&](const test::Answer& answer) {
                                         if (answered.Parse(answer.body.c_str()).HasParseError() || answer.code != 200)
                                           return true;
                                         for (const auto& run : answered["runs"].GetArray())
                                           if (run["number"].GetUint64() == number)
                                             state = run["state"].GetString();
                                         return state != "running" && !state.empty();
                                       });
  return state == "succeeded" ? "" : "its run ended as " + state + ": " + text(ended);
}

}  // namespace penstock::kill
