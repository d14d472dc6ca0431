#include "actors/aggregators/reduce.h"

#include <catch2/catch.hpp>
#include <map>

#include "core/random.h"
#include "messages/key.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Input;
using topology::Role;

const SchemaPtr kSchema =
    test::schema({{"shop", Type::kString}, {"day", Type::kInt64}, {"amount", Type::kInt64}, {"price", Type::kFloat64}});
const std::vector<Input> kInputs = {{"in", kSchema, false, {}}};

Made by_shop(const std::string& more = "") {
  return Made(Role::kStage, "reduce",
              "group_by: [shop]\naggregates: {n: count(*), sum: sum(amount), top: max(price)}" + more, kInputs);
}

std::string sorted(const std::string& lines) {
  std::vector<std::string> all;
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = lines.find('\n', begin);
    all.push_back(lines.substr(begin, end - begin + 1));
    begin = end + 1;
  }
  std::sort(all.begin(), all.end());
  std::string out;
  for (const std::string& line : all)
    out += line;
  return out;
}

std::string view(const Aggregator& aggregator) { return sorted(aggregator.read_all(1'000'000).value()->to_string()); }

using Table = std::map<std::string, std::string>;

void commit(Aggregator& aggregator, Table& table) {
  StageOutput out;
  REQUIRE(aggregator.end_epoch(out).ok());
  for (auto& [key, value] : out.changes) {
    if (value)
      table[key] = *value;
    else
      table.erase(key);
  }
}

TEST_CASE("reduce groups by its key, and emits the changed groups at the end of an epoch") {
  const auto made = by_shop();
  CHECK(made.binding.output->to_string() == "shop string, n int64!, sum int64, top float64");
  CHECK(made.binding.routing.to_string() == "exchange(shop)");
  const auto reduce = made.aggregator();
  CHECK(test::process(*reduce, test::rows(kSchema, R"({"shop":"a","amount":1,"price":2.5}
{"shop":"b","amount":10}
{"shop":"a","amount":3,"price":1}
{"amount":7})"))
            .empty());
  StageOutput out;
  REQUIRE(reduce->end_epoch(out).ok());
  CHECK(test::text(out) == "a|2|4|2.5\nb|1|10|NULL\nNULL|1|7|NULL\n");
  CHECK(out.changes.size() == 3);
  out.clear();
  REQUIRE(reduce->end_epoch(out).ok());
  CHECK(out.batches.empty());
  CHECK(out.changes.empty());
  test::process(*reduce, test::rows(kSchema, R"({"shop":"b","amount":1})"));
  REQUIRE(reduce->end_epoch(out).ok());
  CHECK(test::text(out) == "b|2|11|NULL\n");
  CHECK(reduce->keys() == 3);
}

TEST_CASE("reduce answers by key, written as text") {
  const auto reduce = by_shop().aggregator();
  test::process(*reduce, test::rows(kSchema, R"({"shop":"a","amount":1})"));
  CHECK(reduce->lookup({"a"}).value()->to_string() == "a|1|1|NULL\n");
  CHECK(reduce->lookup({"z"}).value() == nullptr);
  CHECK(reduce->lookup({}).status().message() == "the key has 1 values (shop), not 0");
  const auto days =
      Made(Role::kStage, "reduce", "group_by: [day, shop]\naggregates: {n: count(*)}", kInputs).aggregator();
  test::process(*days, test::rows(kSchema, R"({"shop":"a","day":-3})"));
  CHECK(days->lookup({"-3", "a"}).value()->to_string() == "-3|a|1\n");
  CHECK(days->lookup({"x", "a"}).status().message() == "day is int64, and \"x\" is none");
}

TEST_CASE("reduce without group_by is one group") {
  const Made made(Role::kStage, "reduce", "aggregates: {n: count(*)}", kInputs);
  CHECK(made.binding.routing.to_string() == "exchange()");
  const auto reduce = made.aggregator();
  CHECK(reduce->lookup({}).value() == nullptr);
  test::process(*reduce, test::rows(kSchema, "{}\n{}"));
  CHECK(reduce->lookup({}).value()->to_string() == "2\n");
  Table table;
  commit(*reduce, table);
  const auto restored = made.aggregator();
  for (const auto& [key, value] : table)
    REQUIRE(restored->restore(key, value).ok());
  CHECK(view(*restored) == "2\n");
}

TEST_CASE("reduce counts a row nowhere if an argument cannot be computed") {
  const auto reduce =
      Made(Role::kStage, "reduce", "group_by: [shop]\naggregates: {n: count(*), x: sum(6 / amount)}", kInputs)
          .aggregator();
  StageOutput out;
  REQUIRE(reduce
              ->process(test::rows_at(kSchema, R"({"shop":"a","amount":2}
{"shop":"b","amount":0}
{"shop":"a","amount":3})",
                                      7),
                        out)
              .ok());
  CHECK(test::reasons(out) == "aggregates: x: division by zero @8\n");
  CHECK(view(*reduce) == "a|2|5\n");
}

TEST_CASE("reduce reports a sum that leaves int64, and keeps the sum it had") {
  const auto reduce = by_shop().aggregator();
  StageOutput out;
  REQUIRE(reduce
              ->process(test::rows(kSchema, R"({"shop":"a","amount":9223372036854775807}
{"shop":"a","amount":5})"),
                        out)
              .ok());
  CHECK(out.rejected.size() == 1);
  CHECK_THAT(test::reasons(out), Catch::Contains("sum"));
  CHECK(view(*reduce) == "a|2|9223372036854775807|NULL\n");
}

TEST_CASE("reduce sets aside a row whose key is too long to be stored") {
  const auto reduce = by_shop().aggregator();
  StageOutput out;
  REQUIRE(reduce->process(test::rows(kSchema, "{\"shop\":\"" + std::string(70'000, 'x') + "\"}\n{\"shop\":\"b\"}"), out)
              .ok());
  CHECK_THAT(test::reasons(out), Catch::Contains("group_by: the key has 70003 bytes"));
  CHECK(view(*reduce) == "b|1|NULL|NULL\n");
}

TEST_CASE("reduce refuses stored bytes that are broken") {
  const auto reduce = by_shop().aggregator();
  test::process(*reduce, test::rows(kSchema, R"({"shop":"a","amount":1})"));
  Table table;
  commit(*reduce, table);
  const auto& [key, value] = *table.begin();
  CHECK(by_shop().aggregator()->restore(key, "").code() == Code::kDataLoss);
  CHECK(by_shop().aggregator()->restore(key, value + "x").code() == Code::kDataLoss);
  CHECK(by_shop().aggregator()->restore("\x07", value).code() == Code::kDataLoss);
  CHECK(by_shop().aggregator()->restore(key, value).ok());
}

TEST_CASE("reduce refuses a view, and more than one worker without a key") {
  CHECK_THAT(test::mistakes(Role::kStage, "reduce", "aggregates: {n: count(*)}", {{"v", kSchema, true, {"shop"}}}),
             Catch::Contains("v is a view"));
  CHECK_THAT(test::mistakes(Role::kStage, "reduce", "aggregates: {n: count(*)}\nworkers: 2", kInputs),
             Catch::Contains("only one worker"));
  CHECK_THAT(test::mistakes(Role::kStage, "reduce", "group_by: [shp]\naggregates: {n: sum(shop)}", kInputs),
             Catch::Contains("did you mean shop?") && Catch::Contains("bad-expression"));
  CHECK_THAT(test::mistakes(Role::kStage, "reduce", "group_by: [shop]\naggregates: {shop: count(*)}", kInputs),
             Catch::Contains("two columns of the result are named shop"));
}

// Random rows with many equal keys and nulls.
std::vector<BatchPtr> random_batches(uint64_t seed) {
  Random random(seed);
  std::vector<BatchPtr> out;
  for (int b = 0; b < 12; ++b) {
    BatchBuilder builder(kSchema);
    for (uint64_t i = random.below(60); i > 0; --i) {
      if (random.below(10) == 0)
        builder.column(0).append_null();
      else
        builder.column(0).append_string("s" + std::to_string(random.below(9)));
      builder.column(1).append_int64(static_cast<int64_t>(random.below(3)));
      if (random.below(5) == 0)
        builder.column(2).append_null();
      else
        builder.column(2).append_int64(static_cast<int64_t>(random.below(100)) - 50);
      builder.column(3).append_float64(random.uniform());
    }
    BatchPtr batch = builder.finish();
    if (random.below(2) == 0 && batch->rows() > 2)
      batch = batch->slice(1, batch->rows() - 2);
    out.push_back(batch);
  }
  return out;
}

TEST_CASE("reduce agrees with a recount, with 1, 2 and 3 workers, and with restarts between epochs") {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    const std::vector<BatchPtr> batches = random_batches(seed);
    std::map<std::string, std::tuple<int64_t, int64_t, bool, double>> groups;
    for (const BatchPtr& batch : batches)
      for (size_t i = 0; i < batch->rows(); ++i) {
        const size_t row = batch->row(i);
        auto& [n, sum, any, top] = groups[batch->column(0)->to_string(row)];
        top = n == 0 ? batch->column(3)->float64s()[row] : std::max(top, batch->column(3)->float64s()[row]);
        ++n;
        if (!batch->column(2)->is_null(row))
          sum += batch->column(2)->int64s()[row], any = true;
      }
    BatchBuilder expected(
        test::schema({{"s", Type::kString}, {"n", Type::kInt64}, {"sum", Type::kInt64}, {"top", Type::kFloat64}}));
    for (const auto& [shop, group] : groups) {
      expected.column(0).append_string(shop);
      expected.column(1).append_int64(std::get<0>(group));
      std::get<2>(group) ? expected.column(2).append_int64(std::get<1>(group)) : expected.column(2).append_null();
      expected.column(3).append_float64(std::get<3>(group));
    }
    const std::string golden = sorted(expected.finish()->to_string());

    for (uint32_t workers = 1; workers <= 3; ++workers) {
      const Made made = by_shop("\nworkers: 3");
      std::vector<std::unique_ptr<Aggregator>> parts;
      std::vector<Table> tables(workers);
      for (uint32_t w = 0; w < workers; ++w)
        parts.push_back(made.aggregator());
      for (size_t b = 0; b < batches.size(); ++b) {
        std::vector<Selection> rows(workers);
        const size_t key_column[] = {0};
        for (size_t i = 0; i < batches[b]->rows(); ++i) {
          std::string key;
          append_key(*batches[b], key_column, batches[b]->row(i), key);
          rows[route_key(key, workers)].push_back(static_cast<uint32_t>(batches[b]->row(i)));
        }
        for (uint32_t w = 0; w < workers; ++w) {
          test::process(*parts[w], batches[b]->select(rows[w]));
          if (b % 3 != 2)
            continue;
          commit(*parts[w], tables[w]);
          parts[w] = made.aggregator();
          for (const auto& [key, value] : tables[w]) {
            REQUIRE(route_key(key, workers) == w);
            REQUIRE(parts[w]->restore(key, value).ok());
          }
        }
      }
      std::string all;
      for (const auto& part : parts)
        all += view(*part);
      CHECK(sorted(all) == golden);
    }
  }
}

}  // namespace
}  // namespace penstock
