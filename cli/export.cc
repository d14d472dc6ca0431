#include "cli/export.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>
#include <vector>

#include "actors/batch/run_tables.h"
#include "actors/components.h"
#include "actors/make_context.h"
#include "cli/app.h"
#include "cli/load_topology.h"
#include "cli/table.h"
#include "config/settings.h"
#include "core/clock.h"
#include "core/nearest.h"
#include "messages/batch_codec.h"
#include "messages/csv_writer.h"
#include "messages/json_writer.h"
#include "messages/utf8.h"
#include "storage/lmdb_snapshot.h"
#include "storage/map_fault.h"

namespace penstock::cli {
namespace {

constexpr uint64_t kReadBytes = 8 << 20;

// Rows as lines, up to the limit.
class RowWriter {
 public:
  RowWriter(const ExportOptions& options, std::ostream& out) : csv_(options.csv), left_(options.limit), out_(out) {}

  bool done() const { return left_ == 0; }
  Status write(const RecordBatch& batch) {
    if (csv_ && !header_)
      append_csv_header(*batch.schema(), text_);
    header_ = true;
    for (size_t i = 0; i < batch.rows() && left_ > 0; ++i, --left_) {
      if (csv_) {
        append_row_csv(batch, i, text_);
      } else {
        append_row_json(batch, i, text_);
        text_ += '\n';
      }
    }
    out_ << text_;
    text_.clear();
    return out_.good() ? ok() : unavailable("cannot write the output");
  }

 private:
  const bool csv_;
  uint64_t left_;
  std::ostream& out_;
  bool header_ = false;
  std::string text_;
};

Status export_log(const ExportOptions& options, const Store& store, RowWriter& rows) {
  PENSTOCK_ASSIGN(const uint32_t partitions, store.partitions(options.name));
  if (options.partition && *options.partition >= partitions)
    return invalid_argument("log " + options.name + " has partitions 0 to " + std::to_string(partitions - 1));
  SchemaPtr schema;  // of the first batch; later ones are read as that
  for (uint32_t p = options.partition.value_or(0); p < (options.partition ? *options.partition + 1 : partitions); ++p) {
    Offset at(options.from);
    while (!rows.done()) {
      PENSTOCK_ASSIGN(const auto entries, store.read(options.name, Partition(p), at, kReadBytes));
      if (entries.empty())
        break;
      for (const LogEntry& entry : entries) {
        PENSTOCK_ASSIGN(BatchPtr batch, decode_batch(entry.bytes, schema));
        schema = batch->schema();
        if (entry.first < at)  // `from` lies within the entry
          batch = batch->slice(at.value() - entry.first.value(), entry.first.next(entry.records).value() - at.value());
        PENSTOCK_TRY(rows.write(*batch));
        at = entry.first.next(entry.records);
      }
    }
  }
  return ok();
}

Status export_view(const ExportOptions& options, const topology::CheckedTopology& topology, const Store& store,
                   RowWriter& rows) {
  const topology::Component& component = topology.find(options.name)->component;
  const auto& make = std::get<MakeAggregator>(component_entry(component.role, component.type).make);
  PENSTOCK_ASSIGN(const auto aggregator, make(make_context(topology, options.name, Clock::system())));
  PENSTOCK_ASSIGN(const std::string table, present_table(store, options.name));
  PENSTOCK_TRY(aggregator->open(StoredKeys(store, table), {}));
  PENSTOCK_ASSIGN(const BatchPtr view, aggregator->read_all(std::numeric_limits<size_t>::max()));
  return view ? rows.write(*view) : ok();
}

// Text as it is; other bytes as `\x` and hexadecimal digits, as PostgreSQL writes them.
std::string bytes_text(std::string_view bytes) {
  if (valid_utf8(bytes) && bytes.find('\0') == bytes.npos && !bytes.starts_with("\\x"))
    return std::string(bytes);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text = "\\x";
  for (const unsigned char byte : bytes) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

Status export_table(const ExportOptions& options, const Store& store, RowWriter& rows) {
  static const auto schema =
      std::make_shared<const Schema>(std::vector<Field>{{"key", Type::kString, true}, {"value", Type::kString, true}});
  ColumnBuilder keys(Type::kString), values(Type::kString);
  uint64_t bytes = 0;
  Status written;
  const auto flush = [&] {
    written = rows.write(*RecordBatch::make(schema, {keys.finish(), values.finish()}));
    bytes = 0;
    return written.ok() && !rows.done();
  };
  PENSTOCK_TRY(store.scan(options.name, "", [&](std::string_view key, std::string_view value) {
    keys.append_string(bytes_text(key));
    values.append_string(bytes_text(value));
    bytes += key.size() + value.size();
    return bytes < kReadBytes || flush();
  }));
  if (written.ok() && !rows.done())
    (void)flush();
  return written;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Status unknown_name(const std::string& name, const LmdbSnapshot& store) {
  std::vector<std::string> known = store.logs();
  for (const std::string& table : store.tables())
    known.push_back(table);
  std::string text = "the store has no log, view or table \"" + name + "\"";
  if (const auto near = nearest(name, known))
    return not_found(text + "; did you mean \"" + *near + "\"?");
  for (size_t i = 0; i < known.size(); ++i)
    text += (i == 0 ? "; there is " : ", ") + known[i];
  return not_found(text);
}

Status export_any(const ExportOptions& options, const topology::CheckedTopology* topology, std::ostream& out) {
  explain_map_faults();
  PENSTOCK_ASSIGN(const auto store, LmdbSnapshot::open(options.folder));
  RowWriter rows(options, out);
  if (contains(store->logs(), options.name))
    return export_log(options, *store, rows);
  if (!contains(store->tables(), options.name))
    return unknown_name(options.name, *store);
  const auto* view = topology ? topology->find(options.name) : nullptr;
  return view && view->binding.is_view ? export_view(options, *topology, *store, rows)
                                       : export_table(options, *store, rows);
}

}  // namespace

int export_rows(const ExportOptions& options, const topology::CheckedTopology* topology, std::ostream& out,
                std::ostream& err) {
  const Status status = export_any(options, topology, out);
  if (!status.ok())
    err << "penstock: " << printable(status.message()) << '\n';
  return exit_code(status.code());
}

void add_export(CLI::App& app, Exit& exit) {
  struct Arguments : ExportOptions {
    std::string topology, format = "jsonl", file;
    uint32_t only = 0;
  };
  auto options = std::make_shared<Arguments>();
  CLI::App* verb = add_verb(app, "export", "Write a log, view or table of a store or a backup as JSON Lines or CSV.",
                            "  penstock export deliveries --data-dir data/food-delivery > deliveries.jsonl\n"
                            "  penstock export failures --topology shop.yaml --data-dir backups/monday --format csv\n");
  verb->add_option("NAME", options->name, "The log, view or table")->required();
  auto* folder = verb->add_option("--data-dir", options->folder, "The store's folder, or a backup");
  auto* topology =
      verb->add_option("--topology", options->topology, "The topology file; needed to write a view as rows");
  verb->add_option("--format", options->format, "jsonl or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->capture_default_str();
  verb->add_option("--output,-o", options->file, "Write to this file instead of standard output; it must not exist");
  auto* partition = verb->add_option("--partition", options->only, "Only this partition of a log");
  verb->add_option("--from", options->from, "Begin at this offset of a log");
  verb->add_option("--limit", options->limit, "At most so many rows");
  verb->callback([=, &exit] {
    std::optional<topology::Plan> plan;
    if (*topology && !(plan = load_plan(options->topology, exit)))
      return;
    if (!*folder && !plan)
      return exit.fail(invalid_argument("say which store: --data-dir DIR, or --topology FILE for its data_dir"));
    if (!*folder)
      options->folder = make_settings(plan->topology).data_dir;
    options->csv = options->format == "csv";
    if (*partition)
      options->partition = options->only;
    const topology::CheckedTopology* checked = plan ? &plan->topology : nullptr;
    if (options->file.empty()) {
      exit.code = export_rows(*options, checked, std::cout, std::cerr);
      std::cout.flush();
      return;
    }
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> fresh(std::fopen(options->file.c_str(), "wx"), std::fclose);
    if (!fresh)
      return exit.fail(io_error("cannot create " + options->file, errno));
    fresh.reset();
    std::ofstream file(options->file, std::ios::binary);
    exit.code = export_rows(*options, checked, file, std::cerr);
    file.close();
    if (!file && exit.code == Exit::kOk)
      exit.fail(unavailable("cannot write " + options->file));
  });
}

}  // namespace penstock::cli
