#include "tests/kill/verdict.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "tests/kill/recomputed.h"

namespace penstock::kill {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class Mistakes {
 public:
  explicit Mistakes(LoopResult& result) : list_(result.mistakes) {}
  void unless(bool right, const std::string& mistake) {
    if (!right)
      list_.push_back(mistake);
  }
  void add(const std::string& where, const std::string& problem) { unless(problem.empty(), where + ": " + problem); }

 private:
  std::vector<std::string>& list_;
};

bool wait_until(std::chrono::seconds patience, const std::function<bool()>& there) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!there()) {
    if (std::chrono::steady_clock::now() > until)
      return false;
    std::this_thread::sleep_for(50ms);
  }
  return true;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string difference(const View& shown, const View& recount) {
  for (const auto& [key, totals] : recount) {
    const auto found = shown.find(key);
    if (found == shown.end())
      return key + " is missing";
    if (found->second != totals)
      return key + " has " + std::to_string(found->second.count) + " orders with ids of " +
             std::to_string(found->second.ids) + ", a recount has " + std::to_string(totals.count) + " with " +
             std::to_string(totals.ids);
  }
  return shown.size() == recount.size() ? "" : std::to_string(shown.size() - recount.size()) + " keys too many";
}

std::string first_missing(const std::set<int64_t>& wanted, const std::set<int64_t>& there) {
  std::vector<int64_t> missing;
  std::set_difference(wanted.begin(), wanted.end(), there.begin(), there.end(), std::back_inserter(missing));
  return missing.empty()
             ? ""
             : std::to_string(missing.size()) + " orders are missing, the first is " + std::to_string(missing.front());
}

void judge_views(test::RunningNode& node, const Stored& stored, const std::string& where, Mistakes& mistakes) {
  const auto judge_view = [&](const std::string& name, const std::string& key, const View& recount) {
    View shown;
    wait_until(60s, [&] { return (shown = read_view(node, name, key)) == recount; });
    mistakes.add(where + " " + name, difference(shown, recount));
  };
  judge_view("per_user", "user", stored.by(true));
  judge_view("per_item", "item", stored.by(false));
}

// The view was made anew again and again by then. It is once more, reconciled before and behind, and written to its file.
void judge_jobs(test::RunningNode& node, const Scene& scene, const Stored& stored, LoopResult& result,
                Mistakes& mistakes) {
  mistakes.add("before the last job", reconcile(node, stored).problem);
  mistakes.add("job again", run_job(node, "again"));
  judge_views(node, stored, "recomputed view", mistakes);
  const Reconciled last = reconcile(node, stored);
  mistakes.add("after the last job", last.problem);
  result.batch_runs = last.number;
  mistakes.add("job report", run_job(node, "report"));
  mistakes.add("result file", difference(read_result(read_file(scene.result_file()), "user"), stored.by(true)));
}

void judge_backup(const Scene& scene, const std::string& name, const std::set<int64_t>& acknowledged, int64_t issued,
                  Mistakes& mistakes) {
  const std::string where = "backup " + name, data_dir = scene.path("restored-" + name);
  mistakes.add(where, scene.restore(scene.backup_dir() + "/" + name, data_dir));
  mistakes.add(where, scene.check_store(data_dir));
  const Stored stored = scene.stored(data_dir);
  mistakes.add(where, stored.problem);
  mistakes.add(where, first_missing(acknowledged, stored.ids));
  mistakes.unless(stored.ids.empty() || *stored.ids.rbegin() < issued, where + ": an order that nobody sent");
  test::RunningNode node(scene.start_without_sinks(data_dir));
  mistakes.unless(node.wait_until_ready(), where + ": no node gets ready on it");
  judge_views(node, stored, where, mistakes);
  mistakes.add(where, reconcile(node, stored).problem);
  mistakes.unless(node.interrupt().code == 0, where + ": the node on it does not stop");
  fs::remove_all(data_dir);
}

}  // namespace

void judge_running(test::RunningNode& node, const Scene& scene, const Ledger& ledger, const Receiver& receiver,
                   LoopResult& result) {
  Mistakes mistakes(result);
  const Stored stored = scene.stored(scene.data_dir());  // beside the running node; nobody posts any more
  judge_views(node, stored, "view", mistakes);
  judge_jobs(node, scene, stored, result, mistakes);
  wait_until(60s, [&] { return receiver.taken().size() >= stored.records.size(); });
  wait_until(60s, [&] {
    const std::string text = read_file(scene.file_sink());
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) >= stored.ids.size();
  });
  const test::Answer letters = node.get("/v1/dead-letters?limit=10");
  mistakes.unless(letters.code == 200 && letters.body.find("\"record\"") == std::string::npos,
                  "dead letters: " + letters.body);
  for (const std::string& complaint : ledger.complaints())
    mistakes.add("a client was told", complaint);
}

void judge(const Scene& scene, const Ledger& ledger, const Receiver& receiver,
           const std::map<std::string, std::set<int64_t>>& backups, LoopResult& result) {
  Mistakes mistakes(result);
  const std::set<int64_t> acknowledged = ledger.acknowledged();
  const Stored stored = scene.stored(scene.data_dir());
  mistakes.add("log", stored.problem);
  mistakes.add("log", first_missing(acknowledged, stored.ids));
  mistakes.unless(stored.ids.empty() || *stored.ids.rbegin() < ledger.issued(), "log: an order that nobody sent");

  std::string problem;
  const std::multiset<int64_t> written = read_orders(read_file(scene.file_sink()), problem);
  mistakes.add("file sink", problem);
  const std::set<int64_t> once(written.begin(), written.end());
  mistakes.unless(once.size() == written.size(),
                  "file sink: " + std::to_string(written.size() - once.size()) + " orders are there twice");
  mistakes.unless(once == stored.ids, "file sink: it has other orders than the log");

  mistakes.add("receiver", receiver.complaint());
  mistakes.unless(receiver.taken() == stored.records, "receiver: it has other records than the log");
  mistakes.add("store", scene.check_store(scene.data_dir()));
  for (const auto& [name, acknowledged_before] : backups) {
    if (!fs::exists(scene.backup_dir() + "/" + name))
      continue;  // the node died before it was whole
    judge_backup(scene, name, acknowledged_before, ledger.issued(), mistakes);
    ++result.backups;
  }
  mistakes.unless(backups.empty() || result.backups > 0, "no backup was finished");

  result.issued = ledger.issued();
  result.acknowledged = acknowledged.size();
  result.stored = stored.ids.size();
  result.delivered = receiver.deliveries();
  result.delivered_ids = receiver.taken().size();
}

}  // namespace penstock::kill
