#include "models/interactions.h"

#include <catch2/catch.hpp>

#include <limits>
#include <sstream>

#include "core/random.h"

namespace penstock {
namespace {

// u1{i3:2 i7:1} u2{}
std::string state(const Interactions& data) {
  std::ostringstream out;
  for (size_t user = 0; user < data.users.size(); ++user) {
    out << (user > 0 ? " " : "") << data.users[user] << '{';
    const auto items = data.by_user.row_indices(static_cast<int32_t>(user));
    for (size_t i = 0; i < items.size(); ++i)
      out << (i > 0 ? " " : "") << data.items[items[i]] << ':'
          << data.by_user.row_values(static_cast<int32_t>(user))[i];
    out << '}';
  }
  return out.str();
}

}  // namespace

TEST_CASE("interactions sum repeated events and number ids by length, then bytes") {
  InteractionsBuilder builder;
  builder.add({"10", "b", 1, {50}});
  builder.add({"9", "aa", 2, {40}});
  builder.add({"10", "b", 0.5f, {60}});
  builder.add({"10", "ß", 1, {70}});
  builder.add({"", "b", 1, {45}});
  const Interactions data = std::move(builder).build();
  CHECK(state(data) == "{b:1} 9{aa:2} 10{b:1.5 ß:1}");
  CHECK(data.events == 5);
  CHECK(data.first.micros == 40);
  CHECK(data.last.micros == 70);
  CHECK(data.by_item.rows == 3);
  CHECK(data.by_item.row_indices(0).size() == 2);
}

TEST_CASE("interactions do not depend on the order of the events") {
  Random random(7);
  std::vector<Interaction> events;
  for (int n = 0; n < 400; ++n)
    events.push_back({"u" + std::to_string(random.below(9)),
                      "i" + std::to_string(random.below(12)),
                      static_cast<float>(random.uniform()),
                      {static_cast<int64_t>(n)}});
  std::vector<Interactions> built;
  for (int order = 0; order < 3; ++order) {
    for (size_t n = events.size() - 1; n > 0; --n)
      std::swap(events[n], events[random.below(n + 1)]);
    InteractionsBuilder builder;
    for (const Interaction& event : events)
      builder.add(event);
    built.push_back(std::move(builder).build());
  }
  for (const Interactions& data : built) {
    CHECK(data.users == built[0].users);
    CHECK(data.items == built[0].items);
    CHECK(data.by_user.pointers == built[0].by_user.pointers);
    CHECK(data.by_user.indices == built[0].by_user.indices);
    CHECK(data.by_user.values == built[0].by_user.values);
  }
}

TEST_CASE("interactions leave out events whose weight is not a finite number") {
  InteractionsBuilder builder;
  builder.add({"u", "a", std::numeric_limits<float>::quiet_NaN(), {1}});
  builder.add({"v", "b", std::numeric_limits<float>::infinity(), {1}});
  builder.add({"w", "c", std::numeric_limits<float>::max(), {1}});
  builder.add({"w", "c", std::numeric_limits<float>::max(), {1}});
  const Interactions data = std::move(builder).build();
  CHECK(data.users == std::vector<std::string>{"w"});
  CHECK(data.by_user.values == std::vector<float>{std::numeric_limits<float>::max()});
}

TEST_CASE("transposing twice gives the matrix back, and nothing stays nothing") {
  Random random(3);
  InteractionsBuilder builder;
  for (int n = 0; n < 200; ++n)
    builder.add({std::to_string(random.below(15)), std::to_string(random.below(20)), 1, {0}});
  const Interactions data = std::move(builder).build();
  const SparseMatrix again = data.by_item.transposed();
  CHECK(again.pointers == data.by_user.pointers);
  CHECK(again.indices == data.by_user.indices);
  CHECK(again.values == data.by_user.values);
  const Interactions empty = InteractionsBuilder().build();
  CHECK(empty.users.empty());
  CHECK(empty.by_user.pointers == std::vector<int64_t>{0});
  CHECK(empty.by_item.entries() == 0);
}

TEST_CASE("interactions fade by a half-life, counted from the newest of their user") {
  const std::vector<Event> events = {{0, 0, 4, {0}}, {0, 0, 1, {2000}}, {0, 1, 3, {1000}}, {1, 0, 8, {-5000}}};
  const Interactions faded = make_interactions({"a", "b"}, {"x", "y"}, events, {.half_life = {1000}});
  CHECK(faded.by_user.values == std::vector<float>{2, 1.5, 8});
  // When others came, and whether events came in order, changes nothing.
  const std::vector<Event> shuffled = {events[2], events[1], events[3], events[0], {2, 1, 1, {90'000}}};
  const Interactions more = make_interactions({"a", "b", "c"}, {"x", "y"}, shuffled, {.half_life = {1000}});
  CHECK(std::equal(faded.by_user.values.begin(), faded.by_user.values.end(), more.by_user.values.begin()));
  CHECK(make_interactions({"a", "b"}, {"x", "y"}, events).by_user.values == std::vector<float>{5, 3, 8});
}

}  // namespace penstock
