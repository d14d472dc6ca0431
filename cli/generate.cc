#include "cli/generate.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "actors/sinks/file.h"
#include "actors/sources/synthetic.h"
#include "cli/app.h"
#include "cli/progress.h"
#include "cli/systems/systems.h"

namespace penstock::cli {
namespace {

constexpr size_t kEventsAtOnce = 16'384;

std::string path_of(const GenerateOptions& options, const char* name) {
  return options.folder + "/" + name + (options.format == FileFormat::kCsv ? ".csv" : ".jsonl");
}

// A sink on a fresh file.
Result<std::unique_ptr<FileSink>> create(const GenerateOptions& options, const char* name, const SchemaPtr& schema) {
  auto sink = std::make_unique<FileSink>(FileSinkOptions{path_of(options, name), options.format, ',', true, schema});
  PENSTOCK_TRY(sink->open("0"));
  return sink;
}

Status write_table(const GenerateOptions& options, const char* name, const BatchPtr& rows) {
  PENSTOCK_ASSIGN(const std::unique_ptr<FileSink> sink, create(options, name, rows->schema()));
  PENSTOCK_TRY(sink->write(rows));
  return sink->sync().status();
}

BatchPtr items_table(const Marketplace& market) {
  BatchBuilder builder(std::make_shared<Schema>(std::vector<Field>{{"item_id", Type::kInt64, true},
                                                                   {"category", Type::kString, true},
                                                                   {"vendor", Type::kString, true},
                                                                   {"price", Type::kFloat64, true}}));
  int64_t id = 0;
  for (const Marketplace::Item& item : market.items()) {
    builder.column(0).append_int64(++id);
    builder.column(1).append_string(market.category_name(item.category));
    builder.column(2).append_string(market.vendor_name(item.vendor));
    builder.column(3).append_float64(item.price);
  }
  return builder.finish();
}

// One row a user or item: its id, how often it is met, its vector.
template <class Thing>
BatchPtr vectors_table(const char* id, const char* weight, const std::vector<Thing>& things, double Thing::*odds,
                       float (Thing::*vector)[Marketplace::kFactors]) {
  std::vector<Field> fields = {{id, Type::kInt64, true}, {weight, Type::kFloat64, true}};
  for (size_t f = 0; f < Marketplace::kFactors; ++f)
    fields.push_back({"v" + std::to_string(f), Type::kFloat64, true});
  BatchBuilder builder(std::make_shared<Schema>(std::move(fields)));
  int64_t number = 0;
  for (const Thing& thing : things) {
    builder.column(0).append_int64(++number);
    builder.column(1).append_float64(thing.*odds);
    for (size_t f = 0; f < Marketplace::kFactors; ++f)
      builder.column(2 + f).append_float64((thing.*vector)[f]);
  }
  return builder.finish();
}

BatchPtr users_table(const Marketplace& market) {
  BatchBuilder builder(std::make_shared<Schema>(std::vector<Field>{{"user_id", Type::kInt64, true}}));
  for (size_t user = 1; user <= market.users().size(); ++user)
    builder.column(0).append_int64(static_cast<int64_t>(user));
  return builder.finish();
}

Status write_events(const GenerateOptions& options, const Marketplace& market,
                    const std::function<void(uint64_t, uint64_t)>& progress) {
  PENSTOCK_ASSIGN(const std::unique_ptr<FileSink> sink, create(options, "events", marketplace_schema()));
  std::vector<MarketplaceEvent> events;
  for (uint64_t done = 0; done < options.events; done += events.size()) {
    events.clear();
    market.events(done, std::min<uint64_t>(kEventsAtOnce, options.events - done), events);
    PENSTOCK_TRY(sink->write(marketplace_batch(market, events)));
    progress(done + events.size(), options.events);
  }
  return sink->sync().status();
}

// Makes the folder, and looks that none of the files are there.
Status prepare(const GenerateOptions& options, const std::vector<std::string>& files) {
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error)
    return io_error("cannot make the folder " + options.folder, error.value());
  for (const std::string& file : files)
    if (!options.overwrite && std::filesystem::exists(file, error))
      return already_exists(file + " is already there; give another folder, or --overwrite");
  return ok();
}

std::string systems_help() {
  std::string out = "Instead of the marketplace, the input of a system:";
  for (const System& system : systems())
    out += " " + system.name;
  return out;
}

}  // namespace

Status generate_system(const GenerateOptions& options, const std::function<void(uint64_t, uint64_t)>& progress) {
  PENSTOCK_ASSIGN(const System* system, find_system(options.system));
  std::vector<std::string> files;
  for (const SystemFile& file : system->files)
    files.push_back(options.folder + "/" + file.name);
  PENSTOCK_TRY(prepare(options, files));
  return system->generate({options.events, options.market.seed, options.dirty, options.folder}, progress);
}

Status generate_files(const GenerateOptions& options, const std::function<void(uint64_t, uint64_t)>& progress) {
  std::vector<std::string> files;
  for (const char* name : {"events", "items", "users", "truth_items", "truth_users"})
    files.push_back(path_of(options, name));
  PENSTOCK_TRY(prepare(options, files));
  const Marketplace market(options.market);
  PENSTOCK_TRY(write_table(options, "items", items_table(market)));
  PENSTOCK_TRY(write_table(options, "users", users_table(market)));
  PENSTOCK_TRY(write_table(options, "truth_items",
                           vectors_table("item_id", "popularity", market.items(), &Marketplace::Item::popularity,
                                         &Marketplace::Item::traits)));
  PENSTOCK_TRY(write_table(
      options, "truth_users",
      vectors_table("user_id", "activity", market.users(), &Marketplace::User::activity, &Marketplace::User::taste)));
  return write_events(options, market, progress);
}

void add_generate(CLI::App& app, Exit& exit) {
  CLI::App* verb =
      add_verb(app, "generate", "Write the synthetic marketplace, or the input of a system, to files",
               "  penstock generate --out market\n"
               "  penstock generate --users 10000 --items 5000 --events 2000000 --format csv --out market\n"
               "  penstock generate --system feedback-offers --events 100000 --dirty 0.05 --output feedback\n");
  auto options = std::make_shared<GenerateOptions>();
  auto format = std::make_shared<std::string>("jsonl");
  verb->add_option("--users", options->market.users, "How many users")
      ->capture_default_str()
      ->check(CLI::Range(1u, 100'000'000u));
  verb->add_option("--items", options->market.items, "How many items")
      ->capture_default_str()
      ->check(CLI::Range(1u, 10'000'000u));
  verb->add_option("--vendors", options->market.vendors, "How many vendors")
      ->capture_default_str()
      ->check(CLI::Range(1u, 1'000'000u));
  verb->add_option("--categories", options->market.categories, "How many categories")
      ->capture_default_str()
      ->check(CLI::Range(1u, 1'000'000u));
  verb->add_option("--events", options->events, "How many events")->capture_default_str();
  verb->add_option("--seed", options->market.seed, "The same seed gives the same files")->capture_default_str();
  verb->add_option("--format", *format, "jsonl or csv")->capture_default_str()->check(CLI::IsMember({"jsonl", "csv"}));
  verb->add_option("--system", options->system, systems_help());
  verb->add_option("--dirty", options->dirty, "Of a system: the share of events that are dirty, 0 to 1")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--out,--output", options->folder, "The folder to write into")->required();
  verb->add_flag("--overwrite", options->overwrite, "Replace files that are there");
  verb->callback([options, format, &exit] {
    options->format = *format == "csv" ? FileFormat::kCsv : FileFormat::kJsonLines;
    Progress progress("generating", "events");
    const auto shown = [&](uint64_t done, uint64_t total) { progress.update(done, total); };
    const Status status = options->system.empty() ? generate_files(*options, shown) : generate_system(*options, shown);
    progress.finish();
    exit.fail(status);
    if (status.ok() && !options->system.empty()) {
      for (const SystemFile& file : (*find_system(options->system))->files)
        std::printf("%s/%s: %s\n", options->folder.c_str(), file.name.c_str(), file.meaning.c_str());
    } else if (status.ok())
      std::printf("%s events, %s items and %s users in %s\n", with_separators(options->events).c_str(),
                  with_separators(options->market.items).c_str(), with_separators(options->market.users).c_str(),
                  options->folder.c_str());
  });
}

}  // namespace penstock::cli
