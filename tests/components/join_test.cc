#include "tests/components/join_support.h"

namespace penstock {
namespace {

using test::Made;
using namespace test::joins;

TEST_CASE("join gives all columns of both sides, and those of the right that clash behind its id") {
  const Made made = join("by: [user]\ntable: current");
  CHECK(made.binding.output->to_string() ==
        "user int64, amount int64, at timestamp!, name string, gone bool, users_at timestamp");
  CHECK(made.binding.routings[0].to_string() == "exchange(user)");
  CHECK(made.binding.routings[1].to_string() == "exchange(user)");
  CHECK(join("by: [user]\ntable: current\nprefix: r_\nselect: {when: r_at, who: r_user, total: amount + 1}")
            .binding.output->to_string() == "when timestamp, who int64, total int64");
}

TEST_CASE("a left row of a join sees the current row of the table, and the newest replaces the others") {
  Running run(join("by: [user]\ntable: current\ndeleted: gone" + kSelect), 1);
  run.take(1, users({{1, "ann"}, {2, "bob"}, {1, "anne"}, {-1, "nobody"}}));
  run.take(0, orders({{1, 10, 0}, {2, 20, 0}, {3, 30, 0}, {-1, 40, 0}}));
  CHECK(run.end_epoch() == "1|10|anne\n2|20|bob\n");
  run.take(1, users({{2, "", 0, true}, {3, "cid"}, {4, "", 0, true}}));
  run.take(0, orders({{2, 21, 0}, {3, 31, 0}}));
  CHECK(run.end_epoch() == "3|31|cid\n");
  CHECK(run.stored() == 2);
}

TEST_CASE("a left join gives rows that find nothing with nulls") {
  Running run(join("by: [user]\ntable: current\nkind: left" + kSelect), 1);
  run.take(1, users({{1, "ann"}}));
  run.take(0, orders({{1, 10, 0}, {3, 30, 0}, {-1, 40, 0}}));
  CHECK(run.end_epoch() == "1|10|ann\n3|30|NULL\nNULL|40|NULL\n");
}

TEST_CASE("a left row waits for the table's row, and no longer than it is told, over a restart too") {
  Running run(join("by: [user]\ntable: current\nkind: left\nwait: 10s" + kSelect), 1);
  run.take(0, orders({{1, 10, 0}, {2, 20, 0}}));
  CHECK(run.end_epoch().empty());
  run.advance(4);
  run.take(0, orders({{2, 21, 0}}));
  run.end_epoch();
  run.restart(2);
  run.take(1, users({{1, "ann"}}));
  CHECK(run.end_epoch() == "1|10|ann\n");
  run.advance(6);
  CHECK(run.end_epoch() == "2|20|NULL\n");
  run.take(1, users({{2, "bob"}}));
  CHECK(run.end_epoch() == "2|21|bob\n");
  run.advance(60);
  CHECK(run.end_epoch().empty());
}

TEST_CASE("a join as of sees the version of the row's own time") {
  Running run(join("by: [user]\ntable: as_of\ntime: at\ndeleted: gone\nkind: left" + kSelect), 1);
  run.take(1, users({{1, "one", 10}, {1, "three", 30}, {1, "two", 20}, {1, "", 40, true}}));
  run.take(0, orders({{1, 9, 9}, {1, 10, 10}, {1, 25, 25}, {1, 39, 39}, {1, 41, 41}}));
  CHECK(run.end_epoch() == "1|10|one\n1|25|two\n1|39|three\n1|41|NULL\n1|9|NULL\n");
}

TEST_CASE("a join as of that waits does not depend on which side is read first") {
  Running run(join("by: [user]\ntable: as_of\ntime: at\nwait: 1h" + kSelect), 2);
  run.take(0, orders({{1, 5, 5}, {1, 15, 15}, {2, 16, 16}}));
  CHECK(run.end_epoch().empty());
  run.take(1, users({{1, "old", 1}, {1, "new", 12}}));
  CHECK(run.end_epoch() == "1|5|old\n");
  run.restart(1);
  run.take(1, users({{2, "bob", 14}, {1, "newer", 15}, {3, "later", 20}}));
  CHECK(run.end_epoch() == "1|15|newer\n2|16|bob\n");
}

TEST_CASE("versions are forgotten behind `retain`, but for what is seen from there on") {
  Running run(join("by: [user]\ntable: as_of\ntime: at\nretain: 10s\nkind: left" + kSelect), 1);
  run.take(1, users({{1, "a", 10}, {1, "b", 20}, {1, "c", 30}}));
  run.take(0, orders({{7, 0, 45}}));
  run.end_epoch();
  run.take(1, users({{2, "x", 50}}));
  run.end_epoch();
  run.take(1, users({{1, "d", 55}}));  // the watermark is at 45, so nobody asks for what was before 35
  run.end_epoch();
  run.take(0, orders({{1, 29, 29}, {1, 36, 36}, {1, 56, 56}}));
  CHECK(run.end_epoch() == "1|29|NULL\n1|36|c\n1|56|d\n");
}

TEST_CASE("a join of streams gives late rows to its outputs, refuses rows without a time, and frees what is over") {
  Running run(join("by: [user]\nwithin: 10s\ntime: at" + kSelect), 1);
  run.take(0, orders({{1, 1, 100}, {2, 2, 100}}));
  run.take(1, users({{1, "a", 95}, {1, "b", 111}, {1, "c", 110}}));
  CHECK(run.end_epoch() == "1|1|a\n1|1|c\n");
  run.take(0, orders({{1, 3, 99}, {2, 4, 130}}));
  run.take(1, users({{1, "d", 99}, {1, "e", 140}}));
  CHECK(run.end_epoch().empty());
  CHECK(run.sides() == "late: 1|3|1970-01-01T00:01:39Z\nlate_right: 1|d|false|1970-01-01T00:01:39Z\n");
  BatchBuilder timeless(kUsers);
  timeless.column(0).append_int64(1);
  for (size_t c = 1; c < 4; ++c)
    timeless.column(c).append_null();
  run.take(1, timeless.finish()->slice(0, 1)->compact());
  CHECK_THAT(run.rejected(), Catch::Contains("at is null, but the join goes by it"));
  run.take(0, orders({{9, 0, 500}}));
  run.take(1, users({{9, "z", 500}}));
  CHECK(run.end_epoch() == "9|0|z\n");
  run.end_epoch();
  CHECK(run.stored() == 1);
  CHECK(run.keys() == 1);
}

TEST_CASE("a stream whose other side has shown nothing yet is not late, and is let go after the idle timeout") {
  Running run(join("by: [user]\nwithin: 10s\ntime: at\nkind: left\nidle_timeout: 30s" + kSelect), 1);
  run.take(0, orders({{1, 1, 100}}));
  run.end_epoch();
  run.take(0, orders({{1, 2, 90}, {2, 3, 200}}));
  CHECK(run.end_epoch().empty());
  CHECK(run.sides().empty());
  run.advance(31);
  CHECK(run.end_epoch() == "1|1|NULL\n1|2|NULL\n2|3|NULL\n");  // when all are silent, time goes on with the clock
}

TEST_CASE("a join that is declared wrong says how it would be right") {
  CHECK_THAT(wrong("table: current"), Catch::Contains("a join needs either `on` or `by`"));
  CHECK_THAT(wrong("by: [user]"), Catch::Contains("does not say what its right input is"));
  CHECK_THAT(wrong("by: [user]\ntable: current\nwithin: 3s"), Catch::Contains("with a table or within a time"));
  CHECK_THAT(wrong("by: [user]\nwithin: 3s"), Catch::Contains("the join needs `time`"));
  CHECK_THAT(wrong("by: [user]\nwithin: 3s\ntime: amount"), Catch::Contains("the column amount is int64"));
  CHECK_THAT(wrong("by: [usr]\ntable: current"), Catch::Contains("did you mean user?"));
  CHECK_THAT(wrong("on: {user: name}\ntable: current"),
             Catch::Contains("user of orders is int64, but name of users is string: they are never equal"));
  CHECK_THAT(wrong("by: [user]\nwithin: 3s\ntime: at\nwait: 3s"), Catch::Contains("wait goes with `table` only"));
  CHECK_THAT(wrong("by: [user]\ntable: current\nprefix: \"\""),
             Catch::Contains("both inputs have a column named user") && Catch::Contains("prefix: other_"));
  CHECK_THAT(wrong("by: [user]\ntable: current\nselect: {x: nam}"), Catch::Contains("name"));
  const std::vector<Input> view = {kInputs[0], {"users", kUsers, true, {"user", "name"}}};
  CHECK_THAT(test::mistakes(Role::kStage, "join", "by: [user]\ntable: current", view),
             Catch::Contains("the view users has one row for each user, name"));
  CHECK_THAT(test::mistakes(Role::kStage, "join", "by: [user]\nwithin: 3s\ntime: at", view),
             Catch::Contains("users is a view"));
}

TEST_CASE("a join whose result cannot be computed for a pair sets that pair aside") {
  Running run(join("by: [user]\ntable: current\nselect: {x: 100 / amount, name: name}"), 1);
  run.take(1, users({{1, "ann"}}));
  run.take(0, orders({{1, 5, 0}, {1, 0, 0}}));
  CHECK(run.end_epoch() == "20|ann\n");
  CHECK_THAT(run.rejected(), Catch::Contains("select: x: division by zero"));
}

TEST_CASE("a join refuses stored bytes that are broken") {
  const Made made = join("by: [user]\ntable: current" + kSelect);
  const auto aggregator = made.aggregator();
  CHECK(aggregator->restore("k", "").code() == Code::kDataLoss);
  CHECK(aggregator->restore("k", std::string("\x01\x01\x00\x00\x00", 5)).code() == Code::kDataLoss);
  JoinState state;
  state.insert(1, {0, JoinRow::kNever, false, "x"});
  CHECK(aggregator->restore("k", state.encode()).code() == Code::kDataLoss);
}

}  // namespace
}  // namespace penstock
