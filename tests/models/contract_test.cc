// What every model has to do, whatever it learns: run over the whole registry.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "models/bytes.h"
#include "models/features.h"
#include "models/registry.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

using testing::NoProgress;

// Models that compare items by their features have one: the colour.
Interactions coloured(Interactions data) {
  std::vector<std::vector<Feature>> features;
  for (size_t item = 0; item < data.items.size(); ++item)
    features.push_back({{item % 2 == 0 ? "colour=black" : "colour=white"}});
  data.item_features = make_features(features);
  return data;
}

// Users like the items of their own colour. Each has seen all of them but one; a model that personalises finds that
// one.
Interactions checkerboard(int size) {
  InteractionsBuilder builder;
  for (int user = 0; user < size; ++user) {
    for (int item = 0; item < size; ++item) {
      if (item % 2 == user % 2 && item != user)
        builder.add({"ключ-" + std::to_string(1000 + user), "東京/" + std::to_string(1000 + item), 1, {item}});
    }
  }
  return coloured(std::move(builder).build());
}

Interactions random_interactions(int users, int items, int per_user, uint64_t seed, bool weighted = false) {
  return coloured(testing::random_interactions(users, items, per_user, seed, weighted));
}

std::vector<ModelPtr> all_models() {
  std::vector<ModelPtr> models;
  for (const ModelType& type : model_types()) {
    ParameterValues values;
    if (type.name == "als")
      values = {{"factors", "8"}, {"iterations", "6"}};
    if (type.name == "hybrid")
      values = {{"factors", "8"}};
    models.push_back(make_model(type.name, values).value());
  }
  return models;
}

ModelSnapshotPtr fitted(const Model& model, const Interactions& data, int threads = 2) {
  NoProgress progress;
  return model.fit(data, {1, threads}, progress).value();
}

std::vector<int32_t> numbers(const std::vector<ScoredItem>& items) {
  std::vector<int32_t> out;
  for (const ScoredItem& item : items)
    out.push_back(item.item);
  return out;
}

}  // namespace

TEST_CASE("the models recommend on a checkerboard what is missing") {
  const Interactions data = checkerboard(24);
  for (const ModelPtr& model : all_models()) {
    CAPTURE(model->type());
    const ModelSnapshotPtr snapshot = fitted(*model, data);
    REQUIRE(snapshot->items() == data.items);
    if (model->type() == "popularity")
      continue;
    for (int32_t user = 0; user < 24; ++user)
      CHECK(snapshot->recommend({.history = testing::history_of(data, user), .n = 1}).front().item == user);
    for (const ScoredItem& item : snapshot->similar(4, 8))
      CHECK(item.item % 2 == 0);
  }
}

TEST_CASE("the models name items of the history as reasons, the strongest first, or nothing") {
  const Interactions data = checkerboard(24);
  for (const ModelPtr& model : all_models()) {
    CAPTURE(model->type());
    const ModelSnapshotPtr snapshot = fitted(*model, data);
    std::vector<ItemWeight> history = testing::history_of(data, 6);
    history.push_back({7, 1});  // of the other colour
    history.push_back({-1, 1});
    history.push_back({1 << 30, 1});
    const std::vector<int32_t> because = snapshot->because({.history = history}, 6, 3);
    CHECK(because.size() <= 3);
    for (const int32_t reason : because)
      CHECK(reason % 2 == 0);
    const std::vector<int32_t> more = snapshot->because({.history = history}, 6, 5);
    CHECK(std::equal(because.begin(), because.end(), more.begin()));
    CHECK(snapshot->because({}, 6, 3).empty());
  }
}

TEST_CASE("the models never recommend what is in the history or excluded") {
  const Interactions data = random_interactions(60, 40, 8, 21);
  for (const ModelPtr& model : all_models()) {
    CAPTURE(model->type());
    const ModelSnapshotPtr snapshot = fitted(*model, data);
    for (int32_t user = 0; user < 20; ++user) {
      const auto history = testing::history_of(data, user);
      const std::vector<int32_t> exclude = {39, 0, 17, 17};
      std::vector<int32_t> masked = exclude;
      for (const ItemWeight& seen : history)
        masked.push_back(seen.item);
      for (const size_t n : {size_t{0}, size_t{1}, size_t{10}, size_t{1000}})
        CHECK(snapshot->recommend({.history = history, .exclude = exclude, .n = n}) ==
              testing::full_sort(snapshot->score_all({.history = history}), masked, n));
    }
  }
}

TEST_CASE("the models fill a filtered answer, and may be asked for what was seen") {
  const Interactions data = random_interactions(60, 40, 8, 25);
  ItemSet allowed(40);
  for (int32_t item = 1; item < 40; item += 3)
    allowed.insert(item);
  std::vector<int32_t> others;
  for (int32_t item = 0; item < 40; ++item)
    if (!allowed.contains(item))
      others.push_back(item);
  for (const ModelPtr& model : all_models()) {
    CAPTURE(model->type());
    const ModelSnapshotPtr snapshot = fitted(*model, data);
    for (int32_t user = 0; user < 20; ++user) {
      const auto history = testing::history_of(data, user);
      const std::vector<float> scores = snapshot->score_all({.history = history});
      CHECK(snapshot->recommend({.history = history, .allowed = &allowed, .n = 5, .seen = true}) ==
            testing::full_sort(scores, others, 5));
      CHECK(snapshot->recommend({.history = history, .n = 100, .seen = true}) == testing::full_sort(scores, {}, 100));
      const std::vector<int32_t> some = {7, 3, 7};
      CHECK(snapshot->score({.history = history}, some) == std::vector<float>{scores[7], scores[3], scores[7]});
    }
    for (const ScoredItem& item : snapshot->similar(4, 8, &allowed))
      CHECK(allowed.contains(item.item));
  }
}

TEST_CASE("the models answer many queries like one after the other, and say how they search") {
  const Interactions data = random_interactions(60, 40, 8, 26);
  ItemSet allowed(40);
  for (int32_t item = 0; item < 40; item += 2)
    allowed.insert(item);
  for (const ModelPtr& model : all_models()) {
    CAPTURE(model->type());
    const ModelSnapshotPtr snapshot = fitted(*model, data);
    std::vector<std::vector<ItemWeight>> histories(1);  // the first of nobody we know
    for (int32_t user = 0; user < 20; ++user)
      histories.push_back(testing::history_of(data, user));
    std::vector<ModelQuery> queries;
    for (size_t n = 0; n < histories.size(); ++n)
      queries.push_back(
          {.history = histories[n], .allowed = n % 2 == 0 ? &allowed : nullptr, .n = n, .seen = n % 3 == 0});
    const auto answers = snapshot->recommend_many(queries);
    REQUIRE(answers.size() == queries.size());
    for (size_t n = 0; n < queries.size(); ++n)
      CHECK(answers[n] == snapshot->recommend(queries[n]));
    CHECK(snapshot->recommend_many({}).empty());
    const ModelSnapshot::Retrieval retrieval = snapshot->retrieval();
    CHECK_FALSE(retrieval.method.empty());
    CHECK((retrieval.recall > 0 && retrieval.recall <= 1));
    CHECK((retrieval.scanned_share >= 0 && retrieval.scanned_share <= 1));
  }
}

TEST_CASE("the models answer an empty history, unknown item numbers and too large an n") {
  const Interactions data = random_interactions(30, 25, 6, 22);
  for (const ModelPtr& model : all_models()) {
    CAPTURE(model->type());
    const ModelSnapshotPtr snapshot = fitted(*model, data);
    const std::vector<float> nobody = snapshot->score_all({});
    CHECK((nobody.empty() || nobody.size() == data.items.size()));
    CHECK(snapshot->recommend({.n = 100}).size() == nobody.size());
    CHECK(snapshot->recommend({.n = 3}) == testing::full_sort(nobody, {}, 3));
    const std::vector<ItemWeight> strange = {{-1, 1}, {1 << 30, 1}, {2, 1}};
    const std::vector<int32_t> exclude = {-5, 1 << 29};
    CHECK(snapshot->recommend({.history = strange, .exclude = exclude, .n = 100}).size() == data.items.size() - 1);
    CHECK(snapshot->similar(3, 100).size() == data.items.size() - 1);
    CHECK(snapshot->similar(3, 0).empty());
    CHECK(snapshot->memory() > 0);
  }
}

TEST_CASE("the models learn the same bytes whatever the number of threads") {
  const Interactions data = random_interactions(300, 200, 12, 23, true);
  for (const ModelPtr& model : all_models()) {
    CAPTURE(model->type());
    const std::string once = fitted(*model, data, 1)->save();
    CHECK(fitted(*model, data, 2)->save() == once);
    CHECK(fitted(*model, data, 3)->save() == once);
  }
}

TEST_CASE("the models answer the same after saving and loading") {
  const Interactions data = checkerboard(30);
  for (const ModelPtr& model : all_models()) {
    CAPTURE(model->type());
    const ModelSnapshotPtr snapshot = fitted(*model, data);
    const std::string bytes = snapshot->save();
    const ModelSnapshotPtr loaded = model->load(bytes).value();
    CHECK(loaded->items() == snapshot->items());
    CHECK(loaded->save() == bytes);
    for (int32_t user = 0; user < 10; ++user) {
      const auto history = testing::history_of(data, user);
      CHECK(loaded->recommend({.history = history, .n = 7}) == snapshot->recommend({.history = history, .n = 7}));
      CHECK(loaded->similar(user, 7) == snapshot->similar(user, 7));
    }
    // A further item behaves the same on both.
    const std::vector<ModelSnapshot::NewItem> added = {{"new", {{testing::history_of(data, 2), 2}}}};
    CHECK(loaded->with_items(added)->save() == snapshot->with_items(added)->save());
  }
}

TEST_CASE("the models refuse to load bytes that are cut off, changed or hostile") {
  const Interactions data = checkerboard(12);
  for (const ModelPtr& model : all_models()) {
    CAPTURE(model->type());
    const std::string bytes = fitted(*model, data)->save();
    CHECK(model->load("").status().code() == Code::kDataLoss);
    for (size_t length = 0; length < bytes.size(); length += 7)
      CHECK(model->load(bytes.substr(0, length)).status().code() == Code::kDataLoss);
    Random random(31);
    for (int n = 0; n < 200; ++n) {
      std::string changed = bytes;
      changed[random.below(changed.size())] ^= static_cast<char>(1 + random.below(255));
      CHECK(model->load(changed).status().code() == Code::kDataLoss);
    }
  }
}

TEST_CASE("the models keep item numbers when items are added") {
  const Interactions data = random_interactions(80, 50, 10, 24);
  for (const ModelPtr& model : all_models()) {
    CAPTURE(model->type());
    const ModelSnapshotPtr before = fitted(*model, data);
    const ModelSnapshotPtr after =
        before->with_items(std::vector<ModelSnapshot::NewItem>{{"ä", {{testing::history_of(data, 1), 1}}}, {"", {}}});
    REQUIRE(after->items().size() == before->items().size() + 2);
    CHECK(std::equal(before->items().begin(), before->items().end(), after->items().begin()));
    const auto history = testing::history_of(data, 3);
    const auto old_scores = before->score_all({.history = history}),
               new_scores = after->score_all({.history = history});
    CHECK(std::equal(old_scores.begin(), old_scores.end(), new_scores.begin()));
    const std::vector<int32_t> all = numbers(after->recommend({.history = history, .n = 100}));
    CHECK(after->recommend({.history = history, .exclude = all, .n = 5}).empty());
  }
}

TEST_CASE("what a training learnt is kept only if it can be stored") {
  const std::vector<float> sound = {0, -3, 1e-44f, 9e14f};
  CHECK(check_learnt({sound, {}}).ok());
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(), -1e15f})
    CHECK_THAT(check_learnt({sound, {&bad, 1}}).to_string(),
               Catch::StartsWith("invalid_argument: training gave numbers that are not finite or too large"));
}

TEST_CASE("the models that a training gives can be stored and read, however large the weights and features") {
  NoProgress progress;
  for (const float size : {1e-38f, 1e18f, 3e38f}) {
    Interactions data = random_interactions(60, 40, 9, 25, true);
    for (SparseMatrix* matrix : {&data.by_user, &data.by_item, &data.item_features.rows})
      for (float& value : matrix->values)
        value = value >= 1 ? size : value;
    std::vector<ModelPtr> models = all_models();
    models.push_back(make_model("popularity", {{"by", "weight"}}).value());
    for (const ModelPtr& model : models) {
      CAPTURE(model->type(), size);
      const auto learnt = model->fit(data, {1, 1}, progress);
      if (!learnt.ok())
        CHECK(learnt.status().code() == Code::kInvalidArgument);
      else
        CHECK(model->load((*learnt)->save()).ok());
    }
  }
}

TEST_CASE("the models refuse interactions there is nothing to learn from") {
  NoProgress progress;
  for (const ModelPtr& model : all_models())
    CHECK(model->fit(InteractionsBuilder().build(), {1, 1}, progress).status().code() == Code::kInvalidArgument);
}

TEST_CASE("the registry names each model once, and makes the same model from its own parameters") {
  std::vector<std::string_view> names;
  for (const ModelType& type : model_types()) {
    CHECK(std::count(names.begin(), names.end(), type.name) == 0);
    names.push_back(type.name);
    CHECK_FALSE(type.meaning.empty());
    const ModelPtr model = make_model(type.name, {}).value();
    CHECK(model->type() == type.name);
    const auto parameters = model->parameters();
    REQUIRE(parameters.size() == type.parameters.size());
    for (size_t i = 0; i < parameters.size(); ++i) {
      CHECK(parameters[i].first == type.parameters[i].name);
      CHECK_FALSE(type.parameters[i].meaning.empty());
    }
    CHECK(make_model(type.name, parameters).value()->parameters() == parameters);
  }
}

TEST_CASE("the registry says what is wrong and what would be right") {
  CHECK(make_model("asl", {}).status().message() == "there is no model type `asl`; did you mean `als`?");
  CHECK(make_model("als", {{"factor", "3"}}).status().message() ==
        "model type als has no parameter `factor`; did you mean `factors`?");
  CHECK(make_model("als", {{"factors", "3.5"}}).status().message() ==
        "factors must be a whole number from 1 to 1024, not `3.5`");
  CHECK(make_model("als", {{"solver", "best"}}).status().message() == "solver must be one of auto, exact, not `best`");
  CHECK(make_model("als", {{"svd_start", "yes"}}).status().message() == "svd_start must be true or false, not `yes`");
  CHECK(make_model("als", {{"regularization", "nan"}}).status().code() == Code::kInvalidArgument);
}

}  // namespace penstock
