// Rows a second of a filter and a map on one thread, against hand-written loops over the same columns in the same run. Refuses
// to time a wrong answer.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include "bench/machine.h"
#include "core/random.h"
#include "sql/aggregate.h"
#include "sql/expression.h"

using namespace penstock;

namespace {

constexpr size_t kRows = 4096;
constexpr double kSeconds = 0.5;

BatchPtr deliveries() {
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"status", Type::kString, true},
                                                                        {"minutes", Type::kFloat64, true},
                                                                        {"price", Type::kFloat64, true},
                                                                        {"quantity", Type::kInt64, true},
                                                                        {"user_id", Type::kInt64, true},
                                                                        {"note", Type::kString}});
  Random random(1);
  BatchBuilder builder(schema);
  const std::string statuses[] = {"DELIVERED", "FAILED", "REFUNDED"};
  for (size_t i = 0; i < kRows; ++i) {
    builder.column(0).append_string(statuses[random.below(3)]);
    builder.column(1).append_float64(static_cast<double>(random.below(60)));
    builder.column(2).append_float64(static_cast<double>(random.below(10'000)) / 100);
    builder.column(3).append_int64(static_cast<int64_t>(1 + random.below(9)));
    builder.column(4).append_int64(static_cast<int64_t>(random.below(1000)));
    builder.column(5).append_string("note number " + std::to_string(random.below(100)));
  }
  return builder.finish();
}

// Best of the rounds, in million rows a second.
double rate(const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (const auto end = Clock::now() + std::chrono::duration<double>(kSeconds); Clock::now() < end;) {
    const auto begin = Clock::now();
    for (int i = 0; i < 20; ++i)
      work();
    best = std::max(best, 20.0 * kRows / std::chrono::duration<double>(Clock::now() - begin).count() / 1e6);
  }
  return best;
}

void report(const char* name, double ours, double hand = 0) {
  std::printf("%-78s %8.1f M rows/s", name, ours);
  if (hand > 0)
    std::printf("   by hand %8.1f   share %3.0f %%", hand, 100 * ours / hand);
  std::printf("\n");
}

void require(bool right, const char* what) {
  if (right)
    return;
  std::fprintf(stderr, "wrong answer: %s\n", what);
  std::exit(1);
}

sql::Expression compiled(const char* text, const RecordBatch& batch) {
  auto expression = sql::Expression::compile(text, batch.schema());
  require(expression.ok(), text);
  return *expression;
}

}  // namespace

int main() {
  bench::print_machine();
  const BatchPtr batch = deliveries();
  const Column& status = *batch->column(0);
  const auto minutes = batch->column(1)->float64s(), price = batch->column(2)->float64s();
  const auto quantity = batch->column(3)->int64s();
  volatile size_t sink = 0;

  const char* condition = "status = 'FAILED' AND minutes > 30";
  const sql::Expression filter = compiled(condition, *batch);
  const auto by_hand = [&] {
    Selection rows(kRows);
    size_t count = 0;
    for (uint32_t i = 0; i < kRows; ++i) {
      rows[count] = i;
      count += status.string(i) == "FAILED" && minutes[i] > 30;
    }
    rows.resize(count);
    return rows;
  };
  require(filter.select(*batch).rows == by_hand(), condition);
  report(condition, rate([&] { sink = filter.select(*batch).rows.size(); }), rate([&] { sink = by_hand().size(); }));

  const char* numbers = "minutes > 30 AND quantity < 5";
  const sql::Expression numeric = compiled(numbers, *batch);
  const auto numeric_by_hand = [&] {
    Selection rows(kRows);
    size_t count = 0;
    for (uint32_t i = 0; i < kRows; ++i) {
      rows[count] = i;
      count += (minutes[i] > 30) & (quantity[i] < 5);
    }
    rows.resize(count);
    return rows;
  };
  require(numeric.select(*batch).rows == numeric_by_hand(), numbers);
  report(numbers, rate([&] { sink = numeric.select(*batch).rows.size(); }),
         rate([&] { sink = numeric_by_hand().size(); }));

  const char* product = "price * quantity + 1.5";
  const sql::Expression map = compiled(product, *batch);
  const auto product_by_hand = [&] {
    std::vector<double> out(kRows);
    for (size_t i = 0; i < kRows; ++i)
      out[i] = price[i] * static_cast<double>(quantity[i]) + 1.5;
    return out;
  };
  const auto product_values = map.evaluate(*batch).column;
  require(std::equal(product_values->float64s().begin(), product_values->float64s().end(), product_by_hand().begin()),
          product);
  report(product, rate([&] { sink = map.evaluate(*batch).column->size(); }),
         rate([&] { sink = product_by_hand().size(); }));

  const BatchPtr kept = batch->select(filter.select(*batch).rows);
  const sql::Expression choice = compiled("CASE WHEN quantity > 5 THEN price * 0.9 ELSE price END", *batch);
  report("filter, then two map columns (rows in)", rate([&] {
           const BatchPtr rows = batch->select(filter.select(*batch).rows);
           sink = map.evaluate(*rows).column->size() + choice.evaluate(*rows).column->size();
         }));
  for (const char* text : {"CASE WHEN quantity > 5 THEN price * 0.9 ELSE price END", "note LIKE '%number 7%'",
                           "upper(note)", "quantity / 3 + user_id % 7", "status IN ('FAILED', 'REFUNDED')",
                           "note || status", "split_part(note, ' ', 3)::int64"}) {
    const sql::Expression expression = compiled(text, *batch);
    report(text, rate([&] { sink = expression.evaluate(*batch).column->size(); }));
  }

  std::vector<uint32_t> groups(kRows);
  for (size_t i = 0; i < kRows; ++i)
    groups[i] = static_cast<uint32_t>(batch->column(4)->int64s()[i]);
  for (const char* text :
       {"count(*)", "sum(quantity)", "sum(price * quantity)", "max(minutes)", "last(status)", "count(distinct note)"}) {
    const auto call = sql::AggregateCall::compile(text, batch->schema());
    require(call.ok(), text);
    const auto states = call->make_states();
    states->resize(1000);
    report((std::string(text) + " into 1,000 groups").c_str(),
           rate([&] { sink = call->update(*states, *batch, groups).size(); }));
  }
  return 0;
}
