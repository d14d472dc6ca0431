#include "cli/trial_log.h"

#include <unistd.h>
#include <catch2/catch.hpp>
#include <cstdio>

#include <filesystem>
#include <fstream>

namespace penstock::cli {
namespace {

class File {
 public:
  File() : path_((std::filesystem::temp_directory_path() / ("trials." + std::to_string(::getpid()))).string()) {}
  ~File() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }
  void append(const std::string& text) const { std::ofstream(path_, std::ios::app) << text; }

 private:
  std::string path_;
};

TEST_CASE("trials are read again as they were written, those of another search are passed over") {
  const File file;
  auto log = TrialLog::open(file.path(), "taste llo");
  REQUIRE(log.ok());
  CHECK(log->trials().empty());
  REQUIRE(log->add({{{{"factors", "64"}, {"svd_start", "true"}}, 0.0412}, 1.5}).ok());
  REQUIRE(log->add({{{{"factors", "9"}}, 0}, 0, "there was \"nothing\" to learn"}).ok());
  auto other = TrialLog::open(file.path(), "taste r80");
  REQUIRE(other.ok());
  CHECK(other->trials().empty());
  CHECK(other->others() == 2);
  REQUIRE(other->add({{{{"factors", "5"}}, 0.3}, 1}).ok());

  const auto again = TrialLog::open(file.path(), "taste llo");
  REQUIRE(again.ok());
  REQUIRE(again->trials().size() == 2);
  CHECK(again->trials()[0].trial.parameters == ParameterValues{{"factors", "64"}, {"svd_start", "true"}});
  CHECK(again->trials()[0].trial.value == 0.0412);
  CHECK(again->trials()[0].seconds == 1.5);
  CHECK(again->trials()[1].error == "there was \"nothing\" to learn");
}

TEST_CASE("a line that a crash cut off costs no more than itself") {
  const File file;
  REQUIRE(TrialLog::open(file.path(), "s")->add({{{{"a", "1"}}, 1}, 1}).ok());
  file.append(R"({"search":"s","trial":2,"val)");
  auto log = TrialLog::open(file.path(), "s");
  REQUIRE(log.ok());
  CHECK(log->trials().size() == 1);
}

TEST_CASE("a file that holds no trials is refused with its line") {
  const File file;
  file.append("hello\nworld\n");
  const auto log = TrialLog::open(file.path(), "s");
  CHECK(log.status().code() == Code::kInvalidArgument);
  CHECK_THAT(log.status().message(), Catch::Contains("line 1"));
}

}  // namespace
}  // namespace penstock::cli
