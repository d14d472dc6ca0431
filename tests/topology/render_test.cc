#include "topology/render.h"

#include <catch2/catch.hpp>

using namespace penstock::topology;

namespace {

std::string rendered(const std::string& text, Place place, bool colour = false) {
  const Diagnostic diagnostic{Diagnostic::Severity::kError, "a.yaml", place, "code", "what is wrong", "what is right"};
  return render(diagnostic, Text(text), colour);
}

}  // namespace

TEST_CASE("a diagnostic shows its line with a caret under the column, and the hint") {
  CHECK(rendered("one\n  two: 2\n", {2, 3}) ==
        "a.yaml:2:3: error[code]: what is wrong\n"
        "  2 |   two: 2\n"
        "    |   ^\n"
        "  hint: what is right\n");
}

TEST_CASE("the caret counts characters, and tabs as one") {
  CHECK(rendered("ä\tö: x\n", {1, 5}) ==
        "a.yaml:1:5: error[code]: what is wrong\n"
        "  1 | ä ö: x\n"
        "    |     ^\n"
        "  hint: what is right\n");
}

TEST_CASE("a place behind the file's end or without a line shows no line") {
  CHECK(rendered("x\n", {9, 1}) == "a.yaml:9:1: error[code]: what is wrong\n  hint: what is right\n");
  CHECK(rendered("x\n", {}) == "a.yaml: error[code]: what is wrong\n  hint: what is right\n");
}

TEST_CASE("a long line is cut around the column") {
  const std::string out = rendered(std::string(1000, 'a') + "X" + std::string(1000, 'b'), {1, 1001});
  const size_t line = out.find('\n') + 1;
  const size_t end = out.find('\n', line);
  const std::string shown = out.substr(line, end - line);
  CHECK(shown.size() < 180);
  CHECK(out[end + 1 + shown.find('X')] == '^');
}

TEST_CASE("control characters from a file cannot steer a terminal") {
  const Diagnostic diagnostic{Diagnostic::Severity::kWarning, "a\x1b.yaml", {1, 1}, "code", "\x1b[2J\n", ""};
  CHECK(render(diagnostic, Text("x"), false) == "a\\x1b.yaml:1:1: warning[code]: \\x1b[2J\\n\n  1 | x\n    | ^\n");
}

TEST_CASE("colours are only there when asked for") {
  CHECK(rendered("x", {1, 1}).find('\x1b') == std::string::npos);
  CHECK(rendered("x", {1, 1}, true).find("\x1b[1;31merror[code]:") != std::string::npos);
}

TEST_CASE("diagnostics as JSON") {
  const Diagnostic diagnostic{Diagnostic::Severity::kError, "a.yaml", {2, 3}, "code", "say \"x\"", ""};
  CHECK(render_json({diagnostic}) ==
        "[\n  {\n    \"file\": \"a.yaml\",\n    \"line\": 2,\n    \"column\": 3,\n    \"severity\": \"error\",\n"
        "    \"code\": \"code\",\n    \"text\": \"say \\\"x\\\"\",\n    \"hint\": \"\"\n  }\n]\n");
  CHECK(render_json({}) == "[]\n");
}
