#include "cli/tap.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include "actors/servers/http_target.h"
#include "cli/app.h"
#include "cli/event_stream.h"
#include "cli/node_client.h"
#include "cli/table.h"
#include "core/backoff.h"

namespace penstock::cli {
namespace {

constexpr Backoff kBackoff{Duration{250'000}, Duration{5'000'000}};

class TapRun {
 public:
  TapRun(const TapVerbOptions& options, std::ostream& out, std::ostream& err)
      : options_(options), out_(out), err_(err) {}

  int run() {
    while (!ended_) {
      EventStreamReader reader;
      bool heard = false;
      const Status status = stream_from_node(options_.url, target(), [&](std::string_view piece) {
        if (!std::exchange(heard, true) && failures_ > 0)
          err_ << "tap: connected again\n";
        failures_ = 0;
        reached_ = true;
        for (const StreamEvent& event : reader.feed(piece))
          show(event);
        out_.flush();
        return !ended_ && out_.good();
      });
      if (ended_ || !out_.good())
        break;
      if (!status.ok() && (status.code() != Code::kUnavailable || !reached_)) {
        err_ << "penstock: " << printable(status.message()) << '\n';
        return exit_code(status.code());
      }
      pause();
    }
    return out_.good() ? Exit::kOk : Exit::kIo;
  }

 private:
  std::string target() const {
    std::string query;
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty())
        query += std::string(query.empty() ? "?" : "&") + name + "=" + percent_encode(value);
    };
    add("where", options_.where);
    std::string columns;
    for (const std::string& column : options_.columns)
      columns += (columns.empty() ? "" : ",") + column;
    add("columns", columns);
    add("limit", options_.limit > 0 ? std::to_string(options_.limit - told_) : "");
    add("buffer", options_.buffer > 0 ? std::to_string(options_.buffer) : "");
    return "/v1/tap/" + percent_encode(options_.component) + query;
  }

  void show(const StreamEvent& event) {
    if (event.name == "row") {
      out_ << printable(event.data) << '\n';
      ended_ = options_.limit > 0 && ++told_ >= options_.limit;
    } else if (event.name == "dropped") {
      err_ << "tap: " << printable(event.data) << " rows came too fast and are not shown\n";
    } else if (event.name == "error") {
      err_ << "tap: " << printable(event.data) << '\n';
    } else if (event.name == "end") {
      ended_ = true;
    }
  }

  void pause() {
    const Duration pause = kBackoff.pause(++failures_, 0.5);
    if (failures_ == 1)
      err_ << "tap: the node has gone; trying again until it is back (Ctrl-C ends)\n";
    err_.flush();
    std::this_thread::sleep_for(std::chrono::microseconds(pause.micros));
  }

  const TapVerbOptions& options_;
  std::ostream& out_;
  std::ostream& err_;
  uint64_t told_ = 0;
  uint64_t failures_ = 0;  // in a row
  bool reached_ = false, ended_ = false;
};

}  // namespace

int tap(const TapVerbOptions& options, std::ostream& out, std::ostream& err) { return TapRun(options, out, err).run(); }

void add_tap(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<TapVerbOptions>();
  options->url = kDefaultUrl;
  CLI::App* verb = add_verb(app, "tap", "Show the rows that a component of a running node emits, as they go by.",
                            "  penstock tap purchases\n"
                            "  penstock tap shop --where \"price > 100\" --columns user_id,price --limit 10\n");
  verb->add_option("COMPONENT", options->component, "A source, stage, output `stage.name`, or sink")->required();
  verb->add_option("--where", options->where, "Only rows for which this is true: SQL over their columns");
  verb->add_option("--columns", options->columns, "Only these columns")->delimiter(',');
  verb->add_option("--limit", options->limit, "End after so many rows")->check(CLI::Range(1u, 1'000'000'000u));
  verb->add_option("--buffer", options->buffer, "How many rows may wait in the node before further ones are dropped")
      ->check(CLI::Range(1u, 1'000'000u));
  verb->add_option("--url", options->url, "Where the node listens")->capture_default_str();
  verb->callback([options, &exit] { exit.code = tap(*options, std::cout, std::cerr); });
}

}  // namespace penstock::cli
