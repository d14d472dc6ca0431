// Refunds of real deliveries, foretold in the order of time, each before it is learnt. Skipped where the data are not there.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "actors/aggregators/logistic.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line)
    if (c == ',')
      out.emplace_back();
    else if (c != '\r')
      out.back().push_back(c);
  return out;
}

// `14 20:27:45` in minutes; below 0 where it is not known.
double minutes_of(const std::string& time) {
  int day = 0, hour = 0, minute = 0, second = 0;
  if (std::sscanf(time.c_str(), "%d %d:%d:%d", &day, &hour, &minute, &second) != 4)
    return -1;
  return day * 1440 + hour * 60 + minute + second / 60.0;
}

// One JSON object a delivery, in the order in which they were ordered.
std::string deliveries(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  std::vector<std::pair<double, std::string>> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> field = fields_of(line);
    REQUIRE(field.size() == 14);
    const double ordered = minutes_of(field[0]), delivered = minutes_of(field[3]);
    std::ostringstream row;
    row << R"({"restaurant":)" << field[5] << R"(,"driver":")" << field[4] << R"(","region":")" << field[8]
        << R"(","hour":)" << static_cast<int>(ordered / 60) % 24 << R"(,"total":)" << field[10] << R"(,"tip":)"
        << field[12] << R"(,"refunded":)" << (std::stod(field[13]) > 0 ? "true" : "false");
    if (ordered >= 0 && delivered >= 0)
      row << R"(,"minutes":)" << delivered - ordered;
    row << "}\n";
    rows.emplace_back(ordered, row.str());
  }
  std::ranges::stable_sort(rows, {}, &std::pair<double, std::string>::first);
  std::string out;
  for (const auto& [at, row] : rows)
    out += row;
  return out;
}

TEST_CASE("logistic foretells refunds of deliveries better than their share, and honestly") {
  const std::string folder = test::data_folder("doordash-analytics-sample");
  if (folder.empty())
    return;
  const SchemaPtr schema = test::schema({{"restaurant", Type::kInt64},
                                         {"driver", Type::kString},
                                         {"region", Type::kString},
                                         {"hour", Type::kInt64},
                                         {"total", Type::kFloat64},
                                         {"tip", Type::kFloat64},
                                         {"minutes", Type::kFloat64},
                                         {"refunded", Type::kBool}});
  const test::Made made(topology::Role::kModel, "logistic",
                        "label: refunded\nfeatures: {restaurant: categorical, driver: categorical, region: "
                        "categorical, hour: categorical, total: numeric, tip: numeric, minutes: numeric}",
                        {{"in", schema, false, {}}});
  const auto model = made.aggregator();
  StageOutput out;
  REQUIRE(model->process(test::rows(schema, deliveries(folder + "/Analytics_Sample_Data.csv")), out).ok());
  CHECK(out.rejected.empty());
  const OnlineCalibration::Quality quality = dynamic_cast<const Predictor&>(*model).learnt().quality;
  std::cout << "refunds: auc " << quality.auc << ", log loss " << quality.log_loss << ", calibration error "
            << quality.calibration_error << "\n";
  CHECK(quality.cases == 18'078);
  CHECK(quality.auc > 0.57);
  CHECK(quality.log_loss < 0.127);  // 0.1257 is that of the bare share, known beforehand
  CHECK(quality.calibration_error < 0.01);
}

}  // namespace
}  // namespace penstock
