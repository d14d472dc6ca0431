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
  ModelVersion version;
  version.model = "taste";
  version.version = 3;
  version.type = "als";
  version.parameters = {{"factors", "64"}};
  version.trained = *parse_timestamp("2026-05-01T11:59:00Z");
  version.users = 943, version.items = 1682, version.interactions = 100000;
  version.metrics = {{"ndcg@10", 0.25}};
  status_.models = {{"taste", "als", "live", "", -1, version, {version}}};
  status_.store.used_bytes = 5 << 20;
  status_.store.map_bytes = uint64_t{1} << 40;
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

Result<Recommendation> FakeNode::similar(const std::string& item, const std::string& model, size_t n) const {
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

Result<SchemaPtr> FakeNode::event_schema(const std::string& log) const {
  PENSTOCK_TRY(failure_);
  if (!log.empty() && log != "deliveries")
    return not_found("there is no source \"" + log + "\"; there is: deliveries");
  return schema_;
}

void FakeNode::post_events(const std::string&, BatchPtr events, EventsDone done) {
  finish([this, events, done = std::move(done)] {
    const auto offset = static_cast<uint64_t>(posted_.size());
    posted_.push_back(events->to_string());
    done(PostedEvents{"deliveries", {{Partition(1), Offset(offset), static_cast<uint32_t>(events->rows())}}});
  });
}

void FakeNode::train(const std::string& model, TrainDone done) {
  if (model == "busy")
    return finish([done = std::move(done)] { done(already_exists("model \"busy\" is being trained")); });
  finish([model, done = std::move(done)] {
    done(model == "taste" ? ok() : not_found("there is no model \"" + model + "\"; did you mean \"taste\"?"));
  });
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
