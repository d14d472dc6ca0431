// What hybrid and bpr reach on real data (GroupLens and UCI; not part of this repository).
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "models/evaluation.h"
#include "models/features.h"
#include "models/hybrid.h"
#include "models/popularity.h"
#include "models/registry.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

std::string folder(const std::string& name) {
  const char* data = std::getenv("PENSTOCK_DATA");
  return (data != nullptr ? data : std::string(PENSTOCK_SOURCE_DIR) + "/../shared/data") + "/" + name;
}

bool found(size_t rows, const std::string& what) {
  if (rows == 0)
    WARN("skipped: there is no " << folder(what) << "; set PENSTOCK_DATA");
  return rows > 0;
}

EventLog movielens() {
  EventLog log;
  std::ifstream file(folder("movielens-100k") + "/u.data");
  std::string user, item;
  float rating = 0;
  int64_t seconds = 0;
  while (file >> user >> item >> rating >> seconds)
    log.add({user, item, rating, {seconds * 1000000}});
  return log;
}

struct Mean {
  double value = 0;
  double range = 0;
};

Mean over_seeds(const Model& model, const SplitData& data, const std::string& metric) {
  testing::NoProgress progress;
  std::vector<double> values;
  for (const uint64_t seed : {1, 2, 3}) {
    EvaluateOptions options;
    options.seed = seed;
    options.threads = 2;
    options.baselines = false;
    values.push_back(evaluate(model, data, options, progress).value().models.front().value(metric));
  }
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {(values[0] + values[1] + values[2]) / 3, *most - *least};
}

double recall(std::vector<ScoredItem> best, std::span<const int32_t> wanted) {
  size_t hits = 0;
  for (const ScoredItem& item : best)
    hits += std::find(wanted.begin(), wanted.end(), item.item) != wanted.end();
  return static_cast<double>(hits) / static_cast<double>(std::min(best.size(), wanted.size()));
}

}  // namespace

TEST_CASE("MovieLens 100K, leave last out: hybrid and bpr reach their bars", "[data]") {
  EventLog log = movielens();
  if (!found(log.size(), "movielens-100k"))
    return;
  const SplitData data = split(std::move(log), {.protocol = Protocol::kLeaveLastOut}).value();
  const Mean warp = over_seeds(*make_hybrid({.epochs = 45, .learning_rate = 0.05f}).value(), data, "ndcg@10");
  CAPTURE(warp.value, warp.range);
  CHECK(warp.value >= 0.0504 - warp.range);
  const Mean bpr = over_seeds(*make_model("bpr", {}).value(), data, "ndcg@10");
  CAPTURE(bpr.value, bpr.range);
  CHECK(bpr.value >= 0.0445 - bpr.range);
}

TEST_CASE("MovieLens 100K, random fifth: hybrid and bpr reach their bars", "[data]") {
  EventLog log = movielens();
  if (!found(log.size(), "movielens-100k"))
    return;
  const SplitData data = split(std::move(log), {.protocol = Protocol::kR80}).value();
  const Mean warp = over_seeds(*make_hybrid({}).value(), data, "recall@20");
  CAPTURE(warp.value, warp.range);
  CHECK(warp.value >= 0.4404 - warp.range);
  const Mean bpr = over_seeds(*make_model("bpr", {}).value(), data, "recall@20");
  CAPTURE(bpr.value, bpr.range);
  CHECK(bpr.value >= 0.3611 - bpr.range);
}

// A fifth of the users takes no part in the training; then each is answered from a random half of the history.
TEST_CASE("MovieLens 100K: users who are folded in are answered nearly as well as users of the training", "[data]") {
  EventLog log = movielens();
  if (!found(log.size(), "movielens-100k"))
    return;
  const SplitData data = split(std::move(log), {.protocol = Protocol::kR80}).value();
  Interactions others = data.train;
  others.by_user = {};
  others.by_user.columns = data.train.by_user.columns;
  others.by_user.rows = data.train.by_user.rows;
  for (int32_t user = 0; user < data.train.by_user.rows; ++user) {
    if (user % 5 != 0) {
      const auto items = data.train.by_user.row_indices(user);
      others.by_user.indices.insert(others.by_user.indices.end(), items.begin(), items.end());
    }
    others.by_user.pointers.push_back(others.by_user.entries());
  }
  others.by_user.values.assign(others.by_user.indices.size(), 1);
  others.by_item = others.by_user.transposed();
  for (const ModelPtr& model : {make_hybrid({}).value(), make_model("bpr", {}).value()}) {
    testing::NoProgress progress;
    const ModelSnapshotPtr without = model->fit(others, {1, 2}, progress).value();
    const ModelSnapshotPtr with = model->fit(data.train, {1, 2}, progress).value();
    const ModelSnapshotPtr popular = make_popularity({}).value()->fit(others, {1, 2}, progress).value();
    double folded = 0, trained = 0, popularity = 0;
    for (int32_t user = 0; user < data.train.by_user.rows; user += 5) {
      if (data.held_out[user].empty())
        continue;
      const auto history = testing::history_of(data.train, user);
      const ModelQuery query{.user = data.train.users[user], .history = history, .n = 20};
      folded += recall(without->recommend(query), data.held_out[user]);
      trained += recall(with->recommend(query), data.held_out[user]);
      popularity += recall(popular->recommend(query), data.held_out[user]);
    }
    WARN(model->type() << ": recall@20 folded in " << folded / 189 << ", trained " << trained / 189 << ", popular "
                       << popularity / 189);
    CHECK(folded > 1.3 * popularity);
    CHECK(folded > 0.9 * trained);
  }
}

namespace {

// Rows of a file without quotes, as maps from column to value.
std::vector<std::map<std::string, std::string>> rows_of(const std::string& name) {
  std::ifstream file(folder("restaurant-consumer") + "/" + name);
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> columns;
  for (std::string line; std::getline(file, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n'))
      line.pop_back();
    std::stringstream cells(line);
    std::vector<std::string> values;
    for (std::string cell; std::getline(cells, cell, ',');)
      values.push_back(cell);
    if (columns.empty()) {
      columns = values;
      continue;
    }
    auto& row = rows.emplace_back();
    for (size_t i = 0; i < std::min(columns.size(), values.size()); ++i)
      row[columns[i]] = values[i];
  }
  return rows;
}

using Described = std::map<std::string, std::vector<Feature>>;

void describe(const std::string& file, const std::string& id, const std::vector<FeatureColumn>& columns,
              Described& out) {
  for (const auto& row : rows_of(file))
    for (const FeatureColumn& column : columns) {
      const auto value = row.find(column.name);
      if (value == row.end())
        continue;
      if (column.kind == FeatureColumn::Kind::kBuckets)
        encode_number(column, std::atof(value->second.c_str()), out[row.at(id)]);
      else
        encode_text(column, value->second, out[row.at(id)]);
    }
}

FeatureMatrix matrix(const std::vector<std::string>& ids, const Described& described) {
  std::vector<std::vector<Feature>> rows(ids.size());
  for (size_t i = 0; i < ids.size(); ++i)
    if (const auto features = described.find(ids[i]); features != described.end())
      rows[i] = features->second;
  return make_features(rows);
}

}  // namespace

// Five times another fifth of the consumers has no rating at all in the training.
TEST_CASE("restaurants: consumers without a history are answered better from features than by popularity", "[data]") {
  const auto ratings = rows_of("rating_final.csv");
  if (!found(ratings.size(), "restaurant-consumer"))
    return;
  // Three towns, told apart by latitude.
  const FeatureColumn town{.name = "latitude", .kind = FeatureColumn::Kind::kBuckets, .boundaries = {20, 23}};
  Described users, items;
  describe("userprofile.csv", "userID", {town, {.name = "budget"}, {.name = "activity"}, {.name = "drink_level"}},
           users);
  describe("usercuisine.csv", "userID", {{.name = "Rcuisine"}}, users);
  describe("geoplaces2.csv", "placeID", {town, {.name = "price"}, {.name = "Alcohol"}}, items);
  describe("chefmozcuisine.csv", "placeID", {{.name = "Rcuisine"}}, items);
  double hybrid = 0, plain = 0, popularity = 0;
  int asked = 0;
  for (size_t fold = 0; fold < 5; ++fold) {
    InteractionsBuilder builder;
    std::map<std::string, std::vector<std::string>> held_out;
    for (const auto& row : ratings) {
      const std::string& user = row.at("userID");
      if (std::stoul(user.substr(1)) % 5 == fold)
        held_out[user].push_back(row.at("placeID"));
      else
        builder.add({user, row.at("placeID"), 1, {}});
    }
    Interactions data = std::move(builder).build();
    testing::NoProgress progress;
    const ModelSnapshotPtr popular = make_popularity({}).value()->fit(data, {1, 2}, progress).value();
    const ModelSnapshotPtr without = make_hybrid({}).value()->fit(data, {1, 2}, progress).value();
    data.user_features = matrix(data.users, users);
    data.item_features = matrix(data.items, items);
    const ModelSnapshotPtr with = make_hybrid({}).value()->fit(data, {1, 2}, progress).value();
    for (const auto& [user, places] : held_out) {
      std::vector<int32_t> wanted;
      for (const std::string& place : places)
        if (const auto at = std::find(data.items.begin(), data.items.end(), place); at != data.items.end())
          wanted.push_back(static_cast<int32_t>(at - data.items.begin()));
      if (wanted.empty())
        continue;
      ++asked;
      const ModelQuery query{.user = user, .features = users[user], .n = 10};
      hybrid += recall(with->recommend(query), wanted);
      popularity += recall(popular->recommend(query), wanted);
      // Without features it has nothing to say, and popularity stands in.
      const auto answer = without->recommend(query);
      plain += recall(answer.empty() ? popular->recommend(query) : answer, wanted);
    }
  }
  WARN("recall@10 of consumers without a history: hybrid " << hybrid / asked << ", without features " << plain / asked
                                                           << ", popular " << popularity / asked);
  CHECK(hybrid > 1.2 * popularity);
  CHECK(hybrid > 1.2 * plain);
}

}  // namespace penstock
