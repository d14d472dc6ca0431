#include "tests/support/fake_node.h"

#include <algorithm>

#include "messages/timestamp.h"

namespace penstock::test {

FakeNode::FakeNode() {
  schema_ = std::make_shared<const Schema>(
      std::vector<Field>{{"user", Type::kInt64, true}, {"item", Type::kString, true}, {"at", Type::kTimestamp, false}});
  BatchBuilder rows(std::make_shared<const Schema>(
      std::vector<Field>{{"city", Type::kString}, {"restaurant", Type::kInt64}, {"failures", Type::kInt64}}));
  for (const auto& [city, restaurant, failures] :
       std::vector<std::tuple<std::string, int64_t, int64_t>>{{"Ulm", 7, 3}, {"Bad Ems/Lahn", 8, 1}}) {
    rows.column(0).append_string(city);
    rows.column(1).append_int64(restaurant);
    rows.column(2).append_int64(failures);
  }
  view_ = rows.finish();

  status_.topology = "shop";
  status_.version = "1.2.3";
  status_.started = *parse_timestamp("2026-05-01T12:00:00Z");
  status_.ready = status_.healthy = true;
  status_.components = {{"deliveries", "source", "file", "running", "", 12345, 1, 0.5}};
  supervision_.id = "node";
  supervision_.kind = "node";
  supervision_.strategy = "one_for_one";
  supervision_.state = "running";
  supervision_.since = status_.started;
  SupervisionStatus source{.id = "deliveries", .kind = "source", .strategy = "one_for_one", .state = "failing"};
  source.restarts = 7;
  source.reason = "cannot read \"x.csv\"";
  source.since = *parse_timestamp("2026-05-01T12:03:10Z");
  source.next_try = *parse_timestamp("2026-05-01T12:03:25Z");
  SupervisionStatus reader{.id = "reader", .kind = "worker", .state = "failed"};
  reader.since = source.since;
  reader.busy_seconds = 0;
  source.children = {reader};
  SupervisionStatus server{.id = "api", .kind = "server", .state = "running"};
  supervision_.children = {source, server};
  ModelVersion version;
  version.model = "taste";
  version.version = 3;
  version.type = "als";
  version.parameters = {{"factors", "64"}};
  version.trained = *parse_timestamp("2026-05-01T11:59:00Z");
  version.users = 943, version.items = 1682, version.interactions = 100000;
  version.metrics = {{"ndcg@10", 0.25}};
  version.state = ModelState::kLive;
  version.since = version.trained;
  status_.models = {
      {.id = "taste", .type = "als", .state = "live", .message = "", .live = version, .versions = {version}}};
  status_.store.used_bytes = 5 << 20;
  status_.store.map_bytes = uint64_t{1} << 40;
  status_.memory = {3 << 20,  2048u << 20, false,
                    70 << 20, 50 << 20,    {{"batch_cache", 1 << 20}, {"state.per_city", 2 << 20}}};
}

Result<Recommendation> FakeNode::recommend(const RecommendationQuery& query) const {
  PENSTOCK_TRY(failure_);
  asked_ = query;
  if (!query.model.empty() && query.model != "taste")
    return not_found("there is no model \"" + query.model + "\"; did you mean \"taste\"?");
  Recommendation out;
  out.model = "taste";
  out.model_version = 3;
  out.fallback = query.user == "stranger";
  out.history = out.fallback ? 0 : 12;
  if (!out.fallback)
    out.newest_event = *parse_timestamp("2026-05-01T12:00:00.250Z");
  for (size_t i = 0; out.items.size() < query.n && i < 100; ++i) {
    const std::string item = "i" + std::to_string(i);
    if (std::find(query.exclude.begin(), query.exclude.end(), item) == query.exclude.end())
      out.items.push_back(
          {item, static_cast<double>(1.0f / static_cast<float>(i + 3)), out.fallback ? "popularity" : "taste"});
  }
  return out;
}

Result<Recommendation> FakeNode::similar(const std::string& item, const std::string& model, size_t n,
                                         const std::string&) const {
  if (item == "unknown")
    return not_found("there is no item \"unknown\" in model \"taste\"");
  PENSTOCK_ASSIGN(Recommendation out, recommend({"42", model, n, {item}}));
  return out;
}

Result<BatchPtr> FakeNode::view_row(const std::string& view, const std::vector<std::string>& key) const {
  PENSTOCK_TRY(failure_);
  if (view != "failures")
    return not_found("there is no view \"" + view + "\"; there is: failures");
  if (key.size() != 2)
    return invalid_argument("view \"failures\" has the key city, restaurant: two values, not " +
                            std::to_string(key.size()));
  for (size_t row = 0; row < view_->rows(); ++row)
    if (view_->column(0)->string(row) == key[0] && view_->column(1)->to_string(row) == key[1])
      return view_->slice(row, 1);
  return BatchPtr();
}

Result<BatchPtr> FakeNode::view_rows(const std::string& view, size_t limit) const {
  if (view != "failures")
    return not_found("there is no view \"" + view + "\"; there is: failures");
  return view_->slice(0, std::min(limit, view_->rows()));
}

Result<IngestFormat> FakeNode::ingest_format(const std::string& source) const {
  PENSTOCK_TRY(failure_);
  if (!source.empty() && source != "deliveries")
    return not_found("there is no source \"" + source + "\"; there is: deliveries");
  return IngestFormat{"deliveries", schema_, {TimestampUnit::kSeconds, {}}, Bytes{1 << 20}};
}

// Takes what is good, and knows the keys `again` and `reused`.
void FakeNode::ingest(IngestRequest request, IngestDone done) {
  request_ = request;
  finish([this, request = std::move(request), done = std::move(done)] {
    IngestAnswer answer;
    answer.log = request.source;
    answer.accepted = request.records->rows();
    answer.rejected = request.wrong.size();
    for (size_t i = 0; i < std::min(request.wrong.size(), IngestAnswer::kMostErrors); ++i)
      answer.errors.push_back({request.wrong[i].pointer, request.wrong[i].detail});
    if (answer.accepted == 0 || (request.atomic && answer.rejected > 0))
      answer.outcome = IngestAnswer::Outcome::kRefused;
    if (request.idempotency_key == "reused")
      answer.outcome = IngestAnswer::Outcome::kKeyReused;
    if (answer.outcome == IngestAnswer::Outcome::kTaken) {
      answer.replayed = request.idempotency_key == "again";
      answer.places = {{Partition(1), Offset(posted_.size()), answer.accepted}};
      posted_.push_back(request.records->to_string());
    }
    done(std::move(answer));
  });
}

void FakeNode::train(const std::string& model, TrainDone done) {
  if (model == "busy")
    return finish([done = std::move(done)] { done(already_exists("model \"busy\" is being trained")); });
  finish([model, done = std::move(done)] {
    done(model == "taste" ? ok() : not_found("there is no model \"" + model + "\"; did you mean \"taste\"?"));
  });
}

Result<std::string> FakeNode::begin_backup(const std::string& name) {
  if (name == "taken")
    return already_exists("there is a backup \"taken\" already, in /backups");
  backup_ =
      BackupStatus{"/backups/" + (name.empty() ? "made-up" : name), "running", "", status_.started, 0.25, 4096, ""};
  return backup_->path;
}

void FakeNode::cork() {
  const std::lock_guard lock(mutex_);
  corked_ = true;
}

void FakeNode::release() {
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    corked_ = false;
    waiting.swap(waiting_);
  }
  for (const auto& callback : waiting)
    callback();
}

size_t FakeNode::corked() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void FakeNode::finish(std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (corked_)
      return waiting_.push_back(std::move(callback));
  }
  callback();
}

}  // namespace penstock::test
