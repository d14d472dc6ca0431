// How fast outside data becomes batches and batches become bytes, on one core: JSON Lines of about 200 bytes, CSV of
// four numbers, the batch codec on five columns. Each answer is checked before it is timed; the ways to read JSON that
// were not taken are timed beside the one that was.
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "bench/machine.h"
#include "core/random.h"
#include "messages/batch_codec.h"
#include "messages/csv.h"
#include "messages/json_lines.h"
#include "messages/json_writer.h"
#include "messages/timestamp.h"

using namespace penstock;

namespace {

constexpr size_t kRows = 200'000;
constexpr size_t kBatchRows = 8192;
constexpr int kRounds = 7;

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr, "decode_bench: wrong answer, nothing is timed: %s\n", why.c_str());
  std::exit(1);
}

// Seconds this thread was given by the CPU: what other programs take meanwhile does not count.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Best and median of the rounds.
void time(const char* name, size_t rows, size_t bytes, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int round = 0; round < kRounds; ++round) {
    const double start = cpu_seconds();
    work();
    seconds.push_back(cpu_seconds() - start);
  }
  std::sort(seconds.begin(), seconds.end());
  const auto n = static_cast<double>(rows);
  std::printf("%-44s %7.2f M rows/s (median %6.2f)  %7.0f MB/s\n", name, n / seconds.front() / 1e6,
              n / seconds[kRounds / 2] / 1e6, static_cast<double>(bytes) / seconds.front() / 1e6);
}

SchemaPtr event_schema() {
  return std::make_shared<const Schema>(std::vector<Field>{{"event_id", Type::kString, true},
                                                           {"user", Type::kInt64, true},
                                                           {"item", Type::kInt64, true},
                                                           {"event", Type::kString},
                                                           {"price", Type::kFloat64},
                                                           {"at", Type::kTimestamp, true}});
}

// About 200 bytes a line; two members are not in the schema.
std::string event_lines() {
  Random random(1);
  const std::vector<std::string> events = {"view", "add_to_cart", "purchase"};
  std::string out;
  for (size_t i = 0; i < kRows; ++i) {
    out += "{\"event_id\":\"e-" + std::to_string(random()) + "\",\"user\":" + std::to_string(random.below(1'000'000)) +
           ",\"item\":" + std::to_string(random.below(50'000)) + ",\"event\":\"" + events[random.below(3)] +
           "\",\"price\":" + format_float64(static_cast<double>(random.below(100'000)) / 100) + ",\"at\":\"" +
           format_timestamp({1'700'000'000'000'000 + static_cast<int64_t>(i) * 12'345'000}) + "\",\"session\":\"" +
           std::to_string(random()) + "\",\"meta\":{\"page\":" + std::to_string(random.below(100)) +
           ",\"ab\":[\"x\",\"y\"]}}\n";
  }
  return out;
}

// The anchor to compare with: a DOM for each line, then the same columns.
size_t decode_dom(const std::string& text, BatchBuilder& out) {
  simdjson::dom::parser parser;
  std::string line;
  size_t rows = 0;
  for (size_t begin = 0; begin < text.size(); ++rows) {
    const size_t end = text.find('\n', begin);
    line.assign(text, begin, end - begin);
    line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    begin = end + 1;
    simdjson::dom::object object;
    if (parser.parse(line.data(), line.size(), false).get(object) != simdjson::SUCCESS)
      refuse("DOM");
    out.column(0).append_string(object["event_id"].get_string().value());
    out.column(1).append_int64(object["user"].get_int64().value());
    out.column(2).append_int64(object["item"].get_int64().value());
    out.column(3).append_string(object["event"].get_string().value());
    out.column(4).append_float64(object["price"].get_double().value());
    out.column(5).append_int64(parse_timestamp(object["at"].get_string().value())->micros);
  }
  return rows;
}

// On-Demand for each line, which does not check what it skips: a limit to compare with, not a choice.
size_t decode_on_demand(const std::string& text, BatchBuilder& out) {
  simdjson::ondemand::parser parser;
  size_t rows = 0;
  for (size_t begin = 0; begin < text.size(); ++rows) {
    const size_t end = text.find('\n', begin);
    const simdjson::padded_string_view line(text.data() + begin, end - begin, text.capacity() - begin);
    begin = end + 1;
    simdjson::ondemand::document document = parser.iterate(line);
    simdjson::ondemand::object object = document.get_object();
    out.column(0).append_string(std::string_view(object["event_id"]));
    out.column(1).append_int64(int64_t(object["user"]));
    out.column(2).append_int64(int64_t(object["item"]));
    out.column(3).append_string(std::string_view(object["event"]));
    out.column(4).append_float64(double(object["price"]));
    out.column(5).append_int64(parse_timestamp(std::string_view(object["at"]))->micros);
  }
  return rows;
}

void bench_json() {
  std::string text = event_lines();
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  const SchemaPtr schema = event_schema();
  JsonLinesDecoder decoder(schema);
  const Decoded decoded = decoder.decode(text);
  BatchBuilder dom(schema), on_demand(schema);
  decode_dom(text, dom);
  decode_on_demand(text, on_demand);
  const std::string expected = dom.finish()->to_string();
  if (!decoded.errors.empty() || decoded.batch->to_string() != expected || on_demand.finish()->to_string() != expected)
    refuse("JSON Lines");
  std::printf("JSON Lines: %zu lines of %zu bytes\n", kRows, text.size() / kRows);
  time("  JsonLinesDecoder (checks everything)", kRows, text.size(), [&] {
    for (std::string_view rest = text; !rest.empty();) {
      const size_t size = rest.size() <= 1'000'000 ? rest.size() : cut_at_last_newline(rest.substr(0, 1'000'000));
      if (!decoder.decode(rest.substr(0, size)).errors.empty())
        refuse("JSON Lines");
      rest.remove_prefix(size);
    }
  });
  time("  simdjson DOM a line (checks everything)", kRows, text.size(), [&] {
    BatchBuilder out(schema);
    decode_dom(text, out);
  });
  time("  simdjson On-Demand a line (checks less)", kRows, text.size(), [&] {
    BatchBuilder out(schema);
    decode_on_demand(text, out);
  });
  const BatchPtr batch = decoded.batch;
  std::string out;
  time("  rows as JSON", kRows, text.size(), [&] {
    out.clear();
    for (size_t i = 0; i < batch->rows(); ++i)
      append_row_json(*batch, i, out);
  });
}

BatchPtr decode_csv(const std::string& text, const SchemaPtr& schema, const CsvOptions& options, size_t step) {
  CsvDecoder decoder(schema, options);
  std::vector<BatchPtr> batches;
  const auto add = [&](Result<Decoded> decoded) {
    if (!decoded.ok() || !decoded->errors.empty())
      refuse("CSV");
    batches.push_back(decoded->batch);
  };
  for (size_t at = 0; at < text.size(); at += step)
    for (std::string_view chunk = std::string_view(text).substr(at, step); !chunk.empty();)
      add(decoder.decode(chunk));
  add(decoder.finish());
  return concatenate(batches);
}

void bench_csv() {
  Random random(3);
  const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"user", Type::kInt64, true},
                                                                             {"item", Type::kInt64, true},
                                                                             {"rating", Type::kFloat64},
                                                                             {"at", Type::kTimestamp},
                                                                             {"title", Type::kString}});
  CsvOptions options;
  options.timestamp_units.standard = TimestampUnit::kSeconds;
  for (const bool quotes : {false, true}) {
    std::string text = "user,item,rating,at,title\n", expected;
    for (size_t i = 0; i < kRows; ++i) {
      const std::string user = std::to_string(random.below(100'000)), item = std::to_string(random.below(20'000));
      const std::string rating = format_float64(static_cast<double>(random.below(10)) / 2);
      const auto at = static_cast<int64_t>(1'000'000'000 + i);
      text += user + "," + item + "," + rating + "," + std::to_string(at) + (quotes ? ",\"Film, the\"\n" : ",Film\n");
      expected += user + "|" + item + "|" + rating + "|" + format_timestamp({at * 1'000'000}) +
                  (quotes ? "|Film, the\n" : "|Film\n");
    }
    if (decode_csv(text, schema, options, 100'003)->to_string() != expected)
      refuse("CSV");
    std::printf("CSV: %zu lines of %zu bytes\n", kRows, text.size() / kRows);
    time(quotes ? "  CsvDecoder, a quoted column" : "  CsvDecoder, no quotes", kRows, text.size(), [&] {
      if (decode_csv(text, schema, options, 1'000'000)->rows() != kRows)
        refuse("CSV");
    });
  }
}

void bench_codec() {
  Random random(2);
  std::vector<BatchPtr> batches;
  const std::vector<std::string> events = {"view", "add_to_cart", "purchase"};
  const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"user", Type::kInt64, true},
                                                                             {"item", Type::kInt64, true},
                                                                             {"event", Type::kString},
                                                                             {"vendor", Type::kString},
                                                                             {"at", Type::kTimestamp, true}});
  int64_t now = 1'700'000'000'000'000;
  for (size_t made = 0; made < kRows; made += kBatchRows) {
    BatchBuilder builder(schema);
    for (size_t i = 0; i < kBatchRows; ++i) {
      builder.column(0).append_int64(static_cast<int64_t>(random.below(1'000'000)));
      builder.column(1).append_int64(static_cast<int64_t>(random.below(50'000)));
      builder.column(2).append_string(events[random.below(3)]);
      builder.column(3).append_string("vendor-" + std::to_string(random.below(500)));
      builder.column(4).append_int64(now += static_cast<int64_t>(random.below(2'000'000)));
    }
    batches.push_back(builder.finish());
  }
  size_t rows = 0, memory = 0, size = 0;
  std::vector<std::string> encoded;
  for (const BatchPtr& batch : batches) {
    encoded.push_back(encode_batch(*batch));
    auto read = decode_batch(encoded.back(), schema);
    if (!read.ok() || (*read)->to_string() != batch->to_string())
      refuse("batch codec");
    rows += batch->rows();
    memory += batch->memory();
    size += encoded.back().size();
  }
  std::printf("batch codec: 5 columns, batches of %zu rows, %.1f bytes a row in memory, %.1f encoded\n", kBatchRows,
              static_cast<double>(memory) / static_cast<double>(rows),
              static_cast<double>(size) / static_cast<double>(rows));
  time("  encode_batch", rows, memory, [&] {
    for (const BatchPtr& batch : batches)
      if (encode_batch(*batch).empty())
        refuse("batch codec");
  });
  time("  decode_batch", rows, memory, [&] {
    for (const std::string& bytes : encoded)
      if (!decode_batch(bytes, schema).ok())
        refuse("batch codec");
  });
}

}  // namespace

// usage: bench_decode [json | csv | codec]
int main(int argc, char** argv) {
  const std::string only = argc > 1 ? argv[1] : "";
  bench::print_machine();
  if (only.empty() || only == "json")
    bench_json();
  if (only.empty() || only == "csv")
    bench_csv();
  if (only.empty() || only == "codec")
    bench_codec();
}
