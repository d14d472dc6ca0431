#include "topology/parse.h"

#include <catch2/catch.hpp>
#include <map>

#include "small_catalogue.h"

using namespace penstock::topology;

namespace {

using Variables = std::map<std::string, std::string>;

struct Parsed {
  std::optional<Node> root;
  std::string mistakes;
};

Parsed parsed(const std::string& text, const Variables& variables = {}) {
  Diagnostics diagnostics;
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  Parsed out;
  out.root = parse(text, environment, diagnostics);
  out.mistakes = penstock::topology::testing::to_lines(diagnostics);
  return out;
}

// The place of the first byte of `word` in the text of the value of key `a`.
std::string place_in(const std::string& yaml, const std::string& word, const Variables& variables = {}) {
  const Parsed result = parsed(yaml, variables);
  INFO(result.mistakes);
  REQUIRE(result.root.has_value());
  const Node& node = *result.root->find("a");
  const size_t offset = node.text.find(word);
  INFO(node.text);
  REQUIRE(offset != std::string::npos);
  const Place place = node.text_map.at(offset, node.place);
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string nested(int levels, const std::string& open, const std::string& close) {
  std::string out = "a: ";
  for (int i = 0; i < levels; ++i)
    out += open;
  for (int i = 0; i < levels; ++i)
    out += close;
  return out;
}

}  // namespace

TEST_CASE("a document becomes a tree with places and order") {
  const Parsed result = parsed("name: x\nlist: [1, two]\nmap:\n  b: 'q'\n  a:\n");
  REQUIRE(result.mistakes.empty());
  const Node& root = *result.root;
  CHECK(root.find("name")->text == "x");
  CHECK(root.find("list")->items[1].place == Place{2, 11});
  const Node& map = *root.find("map");
  CHECK(map.entries[0].key == "b");
  CHECK(map.entries[0].key_place == Place{4, 3});
  CHECK(map.entries[0].value.quoted);
  CHECK(map.entries[1].value.kind == Node::Kind::kNull);
}

TEST_CASE("a key that is there twice is an error at the second, naming the first") {
  CHECK(parsed("a: 1\nb: 2\na: 3\n").mistakes ==
        "3:1 duplicate-key: the key a is there twice; first in line 1 (remove one of them)\n");
  CHECK(parsed("x: {a: 1, a: 2, a: 3}\n").mistakes ==
        "1:11 duplicate-key: the key a is there twice; first in line 1 (remove one of them)\n"
        "1:17 duplicate-key: the key a is there twice; first in line 1 (remove one of them)\n");
}

TEST_CASE("merge keys, tags, complex and empty keys are errors") {
  CHECK(parsed("a: &x {b: 1}\nc:\n  <<: *x\n").mistakes ==
        "3:3 unsupported-yaml: merge keys (<<) are not supported (write the keys out, or use an alias for a whole "
        "value)\n");
  CHECK(parsed("a: !!int 3\n").mistakes ==
        "1:4 unsupported-yaml: the tag tag:yaml.org,2002:int is not supported (leave it out)\n");
  CHECK(parsed("[a]: 1\n").mistakes == "1:1 bad-key: a key is a list or a map (keys are plain words)\n");
  CHECK(parsed("~: 1\n").mistakes == "1:1 bad-key: a key is empty (keys are plain words)\n");
}

TEST_CASE("an alias stands for a value; one inside its own value is an error") {
  const Parsed good = parsed("a: &x [1, 2]\nb: *x\n");
  REQUIRE(good.mistakes.empty());
  CHECK(good.root->find("b")->items.size() == 2);
  CHECK(parsed("a: &x [1, *x]\n").mistakes ==
        "1:11 cyclic-alias: this alias stands inside the value it refers to (write the value out)\n");
  CHECK(parsed("a: *nobody\n").mistakes.find("1:4 syntax: ") == 0);
}

TEST_CASE("aliases that would expand without bound are refused") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 1; j < 10; ++j)
      bomb += ", " + before;
    bomb += "]\n";
  }
  CHECK(parsed(bomb).mistakes.find(" too-large: ") != std::string::npos);
  std::string long_texts = "a: &a " + std::string(1 << 20, 'x') + "\nb: [*a";
  for (int i = 0; i < 1000; ++i)
    long_texts += ", *a";
  CHECK(parsed(long_texts + "]\n").mistakes.find(" too-large: ") != std::string::npos);
}

TEST_CASE("nesting without bound is refused") {
  CHECK(parsed(nested(100'000, "[", "]")).mistakes.find("too-deep") != std::string::npos);
  CHECK(parsed(nested(100'000, "[", "")).mistakes.size() > 0);
  CHECK(parsed(nested(40, "{a: ", "}")).mistakes.find("too-deep") != std::string::npos);
  CHECK(parsed(nested(20, "[", "]")).mistakes.empty());
}

TEST_CASE("a second document is refused") {
  CHECK(parsed("a: 1\n---\nb: 2\n").mistakes ==
        "2:1 several-documents: a second document begins here (one file holds one topology; remove the ---)\n");
  CHECK(parsed("---\na: 1\n...\n").mistakes.empty());
}

TEST_CASE("syntax errors have a line and a column") {
  CHECK(parsed("a: [1, 2\nb: 3\n").mistakes.find("syntax: this is not YAML: ") != std::string::npos);
  const std::string tab = parsed("a:\n\tb: 1\n").mistakes;
  CHECK(tab.find("2:") == 0);
  CHECK(tab.find("(line 2 is indented with a tab; YAML wants spaces)") != std::string::npos);
  CHECK(parsed("a: {b: ${X}}\n", {{"X", "1"}}).mistakes.find("inside { } and [ ] a variable has to be quoted") !=
        std::string::npos);
  CHECK(parsed("b: 1\na: \"x\nc: 1\n").mistakes ==
        "2:4 syntax: this is not YAML: a quoted text begins here and never ends (close the quotes)\n");
  CHECK(parsed("%YAML 9.9.9.\n---\na: 1\n").mistakes.find("syntax") != std::string::npos);
}

TEST_CASE("what is no topology at all is told apart") {
  CHECK(parsed("").mistakes.find("1:1 empty: the file is empty") == 0);
  CHECK(parsed("# nothing\n").mistakes.find("1:1 empty: the file is empty") == 0);
  CHECK(parsed("- a\n- b\n").mistakes.find("1:1 wrong-type: the file is not a map of keys") == 0);
  CHECK(parsed("hello").mistakes.find("1:1 wrong-type: the file is not a map of keys") == 0);
  CHECK(parsed(std::string("a: 1\nb: \x00\x01", 10)).mistakes.find("2:4 not-text: ") == 0);
  CHECK(parsed("\xff\xfe\x61\x00").mistakes.find("1:1 not-text: ") == 0);
  CHECK(parsed("\x7f"
               "ELF\x02")
            .mistakes.find("1:1 not-text: ") == 0);
  CHECK(parsed(std::string(kMaxFileBytes + 1, ' ')).mistakes.find("1:1 too-large: ") == 0);
}

TEST_CASE("a byte order mark and carriage returns do no harm") {
  const Parsed result = parsed(
      "\xef\xbb\xbf"
      "a: 1\r\nb: two words\r\n");
  REQUIRE(result.mistakes.empty());
  CHECK(result.root->find("a")->text == "1");
  CHECK(result.root->find("b")->text == "two words");
}

TEST_CASE("variables are resolved inside scalars only") {
  const Variables variables = {{"HOST", "db"}, {"EMPTY", ""}, {"EVIL", "x\nname: stolen"}, {"NUMBER", "7"}};
  const auto value = [&](const std::string& yaml) {
    return parsed("a: " + yaml + "\n", variables).root->find("a")->text;
  };
  CHECK(value("${HOST}") == "db");
  CHECK(value("http://${HOST}:${PORT:-80}/x") == "http://db:80/x");
  CHECK(value("${EMPTY:-default}") == "default");
  CHECK(value("'${EMPTY}'") == "");
  CHECK(value("$${HOST} costs $5") == "${HOST} costs $5");
  CHECK(value("${EVIL}") == "x\nname: stolen");
  CHECK(value("${HOST:-}") == "db");
  CHECK(value("${NOBODY:-}") == "");
  CHECK_FALSE(parsed("a: {b: \"${NUMBER}\"}\n", variables).root->find("a")->find("b")->quoted);
  CHECK(parsed("${HOST}: 1\n", variables).root->find("${HOST}") != nullptr);
}

TEST_CASE("a missing or malformed variable is an error that names it") {
  CHECK(parsed("a: x\nb: pre ${SECRET_KEY}\n").mistakes ==
        "2:8 missing-variable: the environment variable SECRET_KEY is not set (set it, or give it a default: "
        "${SECRET_KEY:-default})\n");
  CHECK(parsed("b: ${open\n").mistakes.find("1:4 bad-variable: a variable that begins with ${ does not end") == 0);
  CHECK(parsed("b: ${}\n").mistakes.find("1:4 bad-variable: \"\" is not the name of a variable") == 0);
  CHECK(parsed("b: ${A-B}\n").mistakes.find("1:4 bad-variable: \"A-B\" is not the name of a variable") == 0);
}

TEST_CASE("a byte of a scalar knows its place however the scalar is written") {
  CHECK(place_in("a: one two", "two") == "1:8");
  CHECK(place_in("a: 'it''s two'", "two") == "1:11");
  CHECK(place_in("a: \"tab\\t\\u00e9 two\"", "two") == "1:17");
  CHECK(place_in("a: one\n   two", "two") == "2:4");
  CHECK(place_in("a: |\n  one\n    two\n  three\n", "two") == "3:5");
  CHECK(place_in("a: |\n  one\n    two\n  three\n", "three") == "4:3");
  CHECK(place_in("a: >- # note\n    one\n    two\n\n    three\n", "three") == "5:5");
  CHECK(place_in("a: \"one\n   two\"", "two") == "2:4");
  CHECK(place_in("a: \"one\\\n   two\"", "two") == "2:4");
  CHECK(place_in("a: 'äöü two'", "two") == "1:9");
  CHECK(place_in("a: &x one two", "two") == "1:11");
}

TEST_CASE("text around a variable keeps its place") {
  CHECK(place_in("a: ${V} + two", "two", {{"V", "some long value"}}) == "1:11");
  CHECK(place_in("a: ${V} + two", "long", {{"V", "some long value"}}) == "1:4");
  CHECK(place_in("a: $${x} two", "two") == "1:10");
  CHECK(place_in("a: \"é ${V} two\"", "two", {{"V", "1"}}) == "1:12");
}

TEST_CASE("every prefix and every byte flip of a file is read or refused, never worse") {
  const std::string text =
      "name: x\nschemas:\n  s: {a: int64, 'b': \"str\\u0041ing\"}\nlist: &l [1, ${V:-2}, *l2]\nq: |\n  SELECT\n   1\n";
  for (size_t length = 0; length <= text.size(); ++length)
    (void)parsed(text.substr(0, length));
  for (size_t i = 0; i < text.size(); ++i)
    for (const char c : {'\0', '[', '}', '&', '*', '"', '\n', '\t', ':', '|', '\xff'}) {
      std::string broken = text;
      broken[i] = c;
      const Parsed result = parsed(broken);
      CHECK((result.root.has_value() || !result.mistakes.empty()));
    }
}
