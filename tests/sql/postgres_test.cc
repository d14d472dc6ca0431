// Compares with PostgreSQL itself. sql/README.md lists where Penstock means to differ; the generator keeps away from there.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <map>
#include <sstream>

#include "tests/sql/evaluate.h"
#include "tests/sql/private_postgres.h"
#include "tests/sql/random_expression.h"

using namespace penstock;
using namespace penstock::sql;

namespace {

constexpr int kExpressions = 3000;
constexpr size_t kRows = 16;

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

std::vector<std::string> random_rows(Random& random) {
  const auto one_of = [&](std::vector<std::string> list) { return list[random.below(list.size())]; };
  const std::vector<std::string> ints = {
      "-", "0", "1", "-1", "2", "7", "-3", "100", "9223372036854775807", "-9223372036854775808"};
  const std::vector<std::string> floats = {"-",     "0",      "1.5", "-2.5",     "0.5",       "2.345",        "-7.125",
                                           "1e300", "1e-300", "NaN", "Infinity", "-Infinity", "123456789.125"};
  const std::vector<std::string> texts = {"-",     "",   "a",  "b",     "abc", "ABC",    "Grüße",
                                          " pad ", "12", "-7", "a%b_c", "1.5", "日本語", "aXbXc"};
  const std::vector<std::string> times = {"-",
                                          "2024-02-29T13:45:30.5Z",
                                          "1999-12-31T23:59:59.999999Z",
                                          "1970-01-01T00:00:00Z",
                                          "2023-01-01T00:00:00Z",
                                          "1604-12-31T12:00:00Z",
                                          "1901-06-15T06:07:08Z"};
  const std::vector<std::string> docs = {"-",
                                         R"({"a":"x","b":[1,"two",null],"c":{"d":"é"}})",
                                         R"({"a":1.50,"b":[],"c": {"d" : [true, {}]}, "a":"last"})",
                                         "[1,2]",
                                         "\"text\"",
                                         "null",
                                         R"({"a":null,"b":"q\"\\\u00e9"})"};
  std::vector<std::string> lines;
  for (size_t k = 1; k <= kRows; ++k)
    lines.push_back(std::to_string(k) + "|" + one_of({"-", "true", "false"}) + "|" + one_of(ints) + "|" + one_of(ints) +
                    "|" + one_of(floats) + "|" + one_of(floats) + "|" + one_of(texts) + "|" + one_of(texts) + "|" +
                    one_of(times) + "|" + one_of(times) + "|" + one_of(docs) + "|" + one_of(ints));
  return lines;
}

std::string table_of(const std::vector<std::string>& lines) {
  std::string sql =
      "CREATE TABLE rows (id bigint, b bool, i bigint, j bigint, f float8, g float8, s text, t text, at timestamp,\n"
      "  until timestamp, doc json, \"userId\" bigint);\n";
  for (const std::string& line : lines) {
    std::istringstream cells(line);
    std::string values, cell;
    while (std::getline(cells, cell, '|'))
      values += (values.empty() ? "" : ", ") + (cell == "-" ? "NULL" : quoted(cell));
    sql += "INSERT INTO rows VALUES (" + values + ");\n";
  }
  return sql;
}

// `=text` in hexadecimal, `-` for null, `!` for an error; by expression and row.
constexpr const char* kAttempt = R"(
CREATE FUNCTION attempt(expression text, n bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  EXECUTE format('SELECT (%s)::text FROM rows WHERE id = $1', expression) INTO answer USING n;
  RETURN coalesce('=' || encode(convert_to(answer, 'UTF8'), 'hex'), '-');
EXCEPTION WHEN others THEN
  RETURN '!' || encode(convert_to(SQLERRM, 'UTF8'), 'hex');
END $$;
CREATE TABLE expressions (n int, text text);
)";

std::string from_hex(const std::string& hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}

struct Answer {
  char kind = '?';  // `=` a value, `-` null, `!` an error
  std::string text;
};

std::string shown(const Answer& answer) { return answer.kind + answer.text; }

bool agree(const Answer& ours, const Answer& theirs, Type type) {
  if (ours.kind != theirs.kind)
    return false;
  if (ours.kind != '=' || ours.text == theirs.text)
    return true;
  if (type != Type::kFloat64)
    return false;
  const double a = std::strtod(ours.text.c_str(), nullptr), b = std::strtod(theirs.text.c_str(), nullptr);
  return a == b || std::fabs(a - b) <= 1e-12 * std::max(std::fabs(a), std::fabs(b));
}

std::vector<Answer> answers(const Expression& expression, const RecordBatch& batch) {
  const Evaluated result = expression.evaluate(batch);
  std::vector<Answer> out;
  for (size_t i = 0; i < batch.rows(); ++i)
    out.push_back(
        {result.column->is_null(i) ? '-' : '=', result.column->is_null(i) ? "" : result.column->to_string(i)});
  for (const RowError& error : result.errors)
    out[error.row] = {'!', error.message};
  return out;
}

}  // namespace

TEST_CASE("expressions give what PostgreSQL gives, row by row", "[integration]") {
  std::string reason;
  const auto server = PrivatePostgres::start(reason);
  if (!server) {
    WARN("skipped: " << reason);
    return;
  }
  Random random(20240229);
  const std::vector<std::string> lines = random_rows(random);
  const BatchPtr batch = rows(lines);
  std::vector<Twin> expressions;
  std::string script = "BEGIN;\n" + table_of(lines) + kAttempt;
  RandomExpression generator(random);
  for (int n = 0; n < kExpressions; ++n) {
    expressions.push_back(generator.any(1 + static_cast<int>(random.below(3))));
    script +=
        "INSERT INTO expressions VALUES (" + std::to_string(n) + ", " + quoted(expressions.back().theirs) + ");\n";
  }
  script += "COMMIT;\nSELECT e.n, r.id, attempt(e.text, r.id) FROM expressions e, rows r ORDER BY 1, 2;\n";
  std::string error;
  const auto output = server->run(script, error);
  INFO(error);
  REQUIRE(output);

  std::vector<std::vector<Answer>> theirs(kExpressions, std::vector<Answer>(kRows));
  std::istringstream stream(*output);
  size_t n = 0, id = 0;
  for (std::string answer; stream >> n >> id >> answer;)
    theirs[n][id - 1] = {answer[0], from_hex(answer.substr(1))};

  size_t refused = 0, unreached = 0, values = 0, errors = 0, differences = 0;
  for (n = 0; n < kExpressions; ++n) {
    const auto expression = Expression::compile(expressions[n].ours, test_schema());
    // A constant part that fails is refused when it is compiled. PostgreSQL fails, too, unless the part is never reached.
    if (!expression.ok()) {
      ++refused;
      unreached += std::none_of(theirs[n].begin(), theirs[n].end(), [](const Answer& a) { return a.kind == '!'; });
      continue;
    }
    // As text, but for floats' ends: both sides print the shortest exact digits.
    const auto ours = answers(*expression, *batch);
    for (size_t row = 0; row < kRows; ++row) {
      values += theirs[n][row].kind == '=';
      errors += theirs[n][row].kind == '!';
      if (!agree(ours[row], theirs[n][row], expression->type()) && ++differences <= 20)
        FAIL_CHECK(expressions[n].ours << "\n  row " << lines[row] << "\n  ours " << shown(ours[row]) << ", PostgreSQL "
                                       << shown(theirs[n][row]));
    }
    // A selection, and a filter, must not change the answers.
    Selection some;
    for (uint32_t row = 0; row < kRows; ++row)
      if (random.below(2))
        some.push_back(row);
    const auto selected = answers(*expression, *batch->select(some));
    for (size_t i = 0; i < some.size(); ++i)
      if (shown(selected[i]) != shown(ours[some[i]]) && ++differences <= 20)
        FAIL_CHECK(expressions[n].ours << "\n  selected row " << lines[some[i]] << "\n  " << shown(selected[i])
                                       << " instead of " << shown(ours[some[i]]));
    if (expression->type() == Type::kBool) {
      const Selection kept = expression->select(*batch).rows;
      for (uint32_t row = 0; row < kRows; ++row) {
        const bool is_kept = std::binary_search(kept.begin(), kept.end(), row);
        if (ours[row].kind != '!' && is_kept != (shown(ours[row]) == "=true") && ++differences <= 20)
          FAIL_CHECK(expressions[n].ours << "\n  filtered row " << lines[row] << "\n  kept " << is_kept << ", value "
                                         << shown(ours[row]));
      }
    }
  }
  CHECK(differences == 0);
  INFO(refused << " refused, " << values << " values, " << errors << " errors");
  CHECK(values > kExpressions * kRows / 4);
  CHECK(refused < kExpressions / 5);
  CHECK(unreached <= 5);
}
