// What every Store does with tables, run over each of them.
#include <catch2/catch.hpp>

#include <atomic>
#include <map>
#include <thread>

#include "core/random.h"
#include "storage/bytes.h"
#include "tests/storage/store_contract.h"

using namespace penstock;

TEMPLATE_TEST_CASE("puts, erases and deltas take effect in the order they are committed", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  WriteBatch batch;
  batch.put("t", "a", "1");
  batch.put("t", "b", "1");
  batch.put("t", "b", "2");
  batch.erase("t", "a");
  batch.erase("t", "never");
  REQUIRE(commit(store, std::move(batch)).ok());
  CHECK(scan_text(store, "t") == "b=2");

  batch = {};
  batch.append_delta("t", {{"b", "3"}, {"c", "3"}, {"c", std::nullopt}, {"d", std::nullopt}, {"d", "3"}});
  REQUIRE(commit(store, std::move(batch)).ok());
  CHECK(scan_text(store, "t") == "b=3 d=3");
  CHECK(get_text(store, "t", "c") == "(none)");

  batch = {};
  batch.put("t", "b", "4");
  batch.erase("t", "d");
  REQUIRE(commit(store, std::move(batch)).ok());
  CHECK(scan_text(store, "t") == "b=4");

  batch = {};
  batch.append_delta("t", {{"d", "5"}, {"b", std::nullopt}});
  batch.put("t", "d", "puts come before the deltas of their batch");
  REQUIRE(commit(store, std::move(batch)).ok());
  CHECK(scan_text(store, "t") == "d=5");
  CHECK(get_text(store, "none", "d") == "(none)");
  CHECK(scan_text(store, "none") == "");
}

TEMPLATE_TEST_CASE("a put can tell where its batch's records went", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("l", {2, {}}).ok());
  for (int round = 0; round < 2; ++round) {
    WriteBatch batch;
    batch.put_with_offsets("t", "k", "v");
    batch.put("t", "plain", "v");
    batch.append("l", Partition(1), "abc", 3, {});
    batch.append("l", Partition(0), "d", 1, {});
    batch.append("l", Partition(1), "ef", 2, {});
    REQUIRE(commit(store, std::move(batch)).ok());
    std::string expected = "v";
    for (const int offset : {5 * round, round, 5 * round + 3})
      append_le(expected, static_cast<uint64_t>(offset));
    CHECK(get_text(store, "t", "k") == expected);
    CHECK(get_text(store, "t", "plain") == "v");
    batch = {};  // the next round's put goes through the changelog
    batch.append_delta("t", {{"k", "d"}});
    REQUIRE(commit(store, std::move(batch)).ok());
  }
}

TEMPLATE_TEST_CASE("who asks is told where records go before anybody can read them", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("l", {2, {}}).ok());
  for (int round = 0; round < 2; ++round) {
    WriteBatch batch;
    std::string told;
    batch.append("l", Partition(1), "abc", 3, {});
    batch.append("l", Partition(0), "d", 1, {});
    batch.placed = [&](const std::vector<Offset>& offsets) {
      for (const Offset offset : offsets)
        told += std::to_string(offset.value()) + " ";
    };
    REQUIRE(commit(store, std::move(batch)).ok());
    CHECK(told == (round == 0 ? "0 0 " : "3 1 "));
  }
}

TEMPLATE_TEST_CASE("a scan shows the keys with a prefix in order until it is told to stop", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  WriteBatch batch;
  for (const char* key : {"b", "ab", "abc", "a", "ac", "\xff\xff", "\xff"})
    batch.put("t", key, "p");
  batch.append_delta("t", {{"abb", "d"}, {"abd", "d"}, {"ab", "d"}, {"ac", std::nullopt}, {"", "d"}});
  batch.put("s", "ab", "other");
  batch.put("u", "ab", "other");
  REQUIRE(commit(store, std::move(batch)).ok());
  CHECK(scan_text(store, "t", "ab") == "ab=d abb=d abc=p abd=d");
  CHECK(scan_text(store, "t", "a") == "a=p ab=d abb=d abc=p abd=d");
  CHECK(scan_text(store, "t", "ac") == "");
  CHECK(scan_text(store, "t", "\xff") == "\xff=p \xff\xff=p");
  CHECK(scan_text(store, "t") == "=d a=p ab=d abb=d abc=p abd=d b=p \xff=p \xff\xff=p");
  CHECK(get_text(store, "t", "") == "d");
  std::string seen;
  REQUIRE(store
              .scan("t", "a",
                    [&](std::string_view key, std::string_view) {
                      seen += key;
                      CHECK(store.get("t", key)->has_value());  // a visit may use the store
                      return seen.size() < 3;
                    })
              .ok());
  CHECK(seen == "aab");
}

TEMPLATE_TEST_CASE("keys of any length and bytes keep their order", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  Random random(7);
  std::map<std::string, std::string> expected;
  for (int round = 0; round < 4; ++round) {
    WriteBatch batch;
    Delta delta;
    for (int i = 0; i < 60; ++i) {
      std::string key(random.below(3) ? 485 + random.below(30) : random.below(3000), 'k');
      for (int changes = 0; changes < 3; ++changes)
        if (!key.empty())
          key[random.below(3) ? key.size() - 1 : random.below(key.size())] = static_cast<char>(random.below(256));
      const std::string value = std::to_string(round) + "." + std::to_string(i);
      if (random.below(2))
        batch.put("t", key, value);
      else
        delta.emplace_back(key, value);
      expected[key] = value;
      if (random.below(8) == 0) {
        const std::string gone = expected.begin()->first;
        delta.emplace_back(gone, std::nullopt);
        expected.erase(gone);
      }
    }
    // A put and a delta of one batch for one key: the delta wins, as in `expected` only if it came later. Keys are
    // random and long, so only the erased ones meet.
    batch.append_delta("t", delta);
    REQUIRE(commit(store, std::move(batch)).ok());
    std::vector<std::pair<std::string, std::string>> seen;
    REQUIRE(store
                .scan("t", "",
                      [&](std::string_view key, std::string_view value) {
                        seen.emplace_back(key, value);
                        return true;
                      })
                .ok());
    CHECK(seen == std::vector<std::pair<std::string, std::string>>(expected.begin(), expected.end()));
    for (const auto& [key, value] : expected)
      REQUIRE(get_text(store, "t", key) == value);
  }
  const std::string prefix(500, 'k');
  size_t with_prefix = 0, seen = 0;
  for (const auto& [key, value] : expected)
    with_prefix += key.starts_with(prefix);
  REQUIRE(store
              .scan("t", prefix,
                    [&](std::string_view key, std::string_view) {
                      CHECK(key.starts_with(prefix));
                      return ++seen > 0;
                    })
              .ok());
  CHECK(seen == with_prefix);
}

TEMPLATE_TEST_CASE("random puts and deltas leave what a plain map would hold", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Random random(seed);
    const std::string table = "t" + std::to_string(seed);
    std::map<std::string, std::string> expected;
    const auto change = [&](const std::string& key, const std::optional<std::string>& value) {
      if (value)
        expected[key] = *value;
      else
        expected.erase(key);
    };
    for (int round = 0; round < 120; ++round) {
      const auto value = [&](int i) {
        return random.below(4) ? std::optional(std::to_string(round) + "." + std::to_string(i)) : std::nullopt;
      };
      const auto key = [&] { return "k" + std::to_string(random.below(40)); };
      WriteBatch batch;
      for (uint64_t i = random.below(4); i > 0; --i) {
        batch.puts.push_back({table, key(), value(static_cast<int>(i))});
        change(batch.puts.back().key, batch.puts.back().value);
      }
      for (uint64_t d = random.below(3); d > 0; --d) {
        Delta delta;
        for (uint64_t i = random.below(10); i > 0; --i) {
          delta.emplace_back(key(), value(static_cast<int>(i)));
          change(delta.back().first, delta.back().second);
        }
        batch.append_delta(table, std::move(delta));
      }
      store.commit(std::move(batch), nullptr);
      if (random.below(3) != 0)
        continue;
      REQUIRE(commit(store, {}).ok());
      std::string text;
      for (const auto& [k, v] : expected)
        text += (text.empty() ? "" : " ") + k + "=" + v;
      REQUIRE(scan_text(store, table) == text);
      const std::string some = key();
      REQUIRE(get_text(store, table, some) == (expected.contains(some) ? expected[some] : "(none)"));
    }
  }
}

TEMPLATE_TEST_CASE("a scan never sees half of a delta while others commit", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; i < 150; ++i) {
      WriteBatch batch;
      Delta delta;
      for (int k = 0; k < 50; ++k)
        delta.emplace_back("k" + std::to_string(k), std::to_string(i));
      batch.append_delta("t", std::move(delta));
      store.commit_and_wait(std::move(batch));
    }
    stop = true;
  });
  int torn = 0, last = -1, backwards = 0;
  while (!stop) {
    std::string first;
    int keys = 0;
    const Status status = store.scan("t", "", [&](std::string_view, std::string_view value) {
      if (first.empty())
        first = value;
      torn += first != value;
      ++keys;
      return true;
    });
    torn += !status.ok() || (keys != 0 && keys != 50);
    if (first.empty())
      continue;
    backwards += std::stoi(first) < last;
    last = std::stoi(first);
  }
  writer.join();
  CHECK(torn == 0);
  CHECK(backwards == 0);
}

TEMPLATE_TEST_CASE("hundreds of tables and logs do not mix", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  WriteBatch batch;
  for (int i = 0; i < 300; ++i) {
    const std::string name = "n" + std::to_string(i);
    if (i % 10 == 0) {
      REQUIRE(store.open_log(name, {}).ok());
      batch.append(name, Partition(0), name, 1, {});
    }
    if (i % 2)
      batch.put(name, "k", name);
    else
      batch.append_delta(name, {{"k", name}});
  }
  REQUIRE(commit(store, std::move(batch)).ok());
  for (int i = 0; i < 300; ++i) {
    const std::string name = "n" + std::to_string(i);
    REQUIRE(scan_text(store, name) == "k=" + name);
    if (i % 10 == 0)
      REQUIRE(read_text(store, name) == "0+1:" + name);
  }
}
