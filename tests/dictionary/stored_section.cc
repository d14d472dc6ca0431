#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

#include "actors/batch/run_tables.h"
#include "actors/jobs/job_run.h"
#include "actors/regions/dead_letter_marks.h"
#include "actors/regions/dead_letters.h"
#include "actors/regions/isolation.h"
#include "actors/regions/set_aside.h"
#include "actors/sinks/sink_actor.h"
#include "actors/sources/impressions.h"
#include "actors/sources/recommendations.h"
#include "actors/sources/source_actor.h"
#include "tests/dictionary/dictionary.h"

namespace penstock::dictionary {
namespace {

namespace fs = std::filesystem;

/// `//   table key := ...`, `//   batch.views  view → version:u8 ...`; not a property's `table: current`.
bool begins_a_grammar(const std::string& line) {
  const bool of_table = line.starts_with("//   table") && !line.starts_with("//   table:");
  return (of_table && line.find("as the caller gives it") == std::string::npos) ||
         line.find("→ version:u8") != std::string::npos;
}

/// The grammars in the comments at the top of headers below `folder`: the indented lines from one that speaks of a table on.
std::map<std::string, std::string> grammars(const std::string& folder) {
  std::map<std::string, std::string> out;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(fs::path(PENSTOCK_SOURCE_DIR) / folder)) {
    if (entry.path().extension() != ".h")
      continue;
    std::ifstream file(entry.path());
    std::string grammar;
    bool speaks = false;
    for (std::string line; std::getline(file, line) && line.starts_with("//");) {
      const bool indented = line.starts_with("//   ");
      speaks = speaks || (indented && begins_a_grammar(line));
      if (speaks && indented)
        grammar += line.substr(5) + "\n";
      else if (speaks)
        break;
    }
    if (!grammar.empty())
      out[fs::relative(entry.path(), PENSTOCK_SOURCE_DIR).string()] = grammar;
  }
  return out;
}

std::string columns_of(const SystemLog& log) {
  std::string out = "| column | type | | meaning |\n| --- | --- | --- | --- |\n";
  for (size_t c = 0; c < log.schema->size(); ++c) {
    const Field& field = log.schema->field(c);
    if (c >= log.columns.size() || log.columns[c].name != field.name)
      throw std::runtime_error("the dictionary lacks the column " + field.name + " of " + log.name);
    out += "| `" + field.name + "` | " + std::string(type_name(field.type)) + " | " + (field.required ? "always" : "") +
           " | " + log.columns[c].meaning + " |\n";
  }
  return out;
}

}  // namespace

const std::vector<SystemLog>& system_logs() {
  static const std::vector<SystemLog> list = {
      {kDeadLettersLog,
       "Records that could not be handled. There in every store; `penstock dead-letters` reads it.",
       dead_letter_schema(),
       {{"topology", "The topology's name."},
        {"stage", "The component that rejected the record."},
        {"reason", "Everything that was wrong with it, rules parted by `; `."},
        {"log", "The log that the record came from; empty: it never reached one."},
        {"partition", "Its partition there."},
        {"offset", "Its offset there."},
        {"record", "The record as the component saw it: a source's text, a row as JSON."},
        {"at", "When it was set aside."}}},
      {"impressions",
       "What a source of type `impressions` holds, under the source's id: what the node has shown to whom, a record "
       "for each item "
       "of an answer, and for each choice of a bandit.",
       impressions_schema(),
       {{"impression", "Id of the answer, or of the decision; the same in all of its records."},
        {"at", "When it was given."},
        {"user", "To whom; null: an anonymous session."},
        {"item", "The item, or the arm."},
        {"position", "Its place in the answer; 1 is the first."},
        {"score", "Its score."},
        {"strategy", "What found it: a model, a step of a recommender."},
        {"model", "The model that was asked."},
        {"model_version", "The version that answered."},
        {"recommender", "The recommender that answered."},
        {"experiment", "The experiment that the user is part of."},
        {"variant", "The user's variant."},
        {"propensity", "Probability with which the item was chosen; null: nothing was left to chance."},
        {"context", "Of a bandit's choice: the situation, as a JSON object."}}},
      {"recommendations",
       "What a source of type `recommendations` holds, under the source's id: what a job asked a recommender for each "
       "user of a "
       "view, a record a user.",
       recommendations_schema(),
       {{"user", "Whom it is for."},
        {"items", "A list of {item, score, strategy, because}, best first."},
        {"at", "When it was asked."},
        {"history", "Items of the user's history that the answer rests on."},
        {"models", "Versions that took part, by model."}}},
  };
  return list;
}

const std::vector<SystemTable>& system_tables() {
  static const std::vector<SystemTable> list = {
      {kSourcePositions, "source", "as the source writes it",
       "How far the source has read outside: a file and byte, an event number, Kafka's offsets."},
      {kSinkPositions, "sink", "as the sink writes it",
       "What the sink has to know to go on: a file's length, where the outside keeps the offset."},
      {"ingest:*", "idempotency key, id, or time", "actors/sources/ingest_records.h",
       "Of an `http` source: requests and ids that were taken, so that nothing is taken twice."},
      {kAttempts, "region or sink", "actors/regions/isolation.h",
       "The slice of input that is being tried after a failure; what is left of it at a start has failed."},
      {kSetAsideTable, "owner, log, partition, offset", "nothing",
       "Records that made their region fail and were set aside, so that a recomputation leaves them out, too."},
      {kDeadLetterMarks, "number of the letter", "actors/regions/dead_letter_marks.h",
       "Which dead letters were replayed or purged, when and where to."},
      {kBatchRuns, "view, number", "actors/batch/run_tables.h",
       "Runs that recompute or reconcile a view: state, progress, differences found."},
      {kBatchViews, "view", "number of the version",
       "Which table holds the view's present version; no entry: the one named as the view."},
      {"batch.*", "kind, shard, part", "actors/batch/run_tables.h",
       "Of one such run: its shards, finished tasks and their outputs. Erased when it has ended."},
      {kJobRunsTable, "job, number", "actors/jobs/job_run.h",
       "Runs of jobs with their steps, the newest `keep_history` of each."},
      {kJobStandingTable, "job", "actors/jobs/job_run.h",
       "Up to when due times are dealt with, and which runs of other jobs were followed."},
      {"jobs.files", "result file", "number of parts", "How many parts of an incremental result file there are."},
      {"models", "model, version", "message ModelVersion",
       "Descriptions of model versions: data, parameters, quality, state."},
      {"model_bytes", "model, version, part", "bytes", "The versions themselves, in parts of up to 1 MiB."},
      {"model_live", "model", "version", "Which version serves."},
      {"training_attempts", "model", "actors/trainers/training_attempts.h",
       "Trainings in a row that took the process with them."},
      {"node", "`store_id`", "16 hexadecimal digits", "The name of this store among all stores."},
  };
  return list;
}

bool is_system_table(std::string_view name) {
  return std::ranges::any_of(system_tables(), [&](const SystemTable& table) {
    const std::string_view known = table.name;
    return known.ends_with('*') ? name.starts_with(known.substr(0, known.size() - 1)) : name == known;
  });
}

std::string stored_section() {
  std::string out =
      "## What a store holds\n\nLogs and tables, as [storage/FORMAT.md](../storage/FORMAT.md) lays them out. Each "
      "source "
      "and buffer has a log of its\nid, with the columns of its schema; `penstock export` prints them.\n";
  for (const SystemLog& log : system_logs())
    out += "\n### log `" + log.name + "`\n\n" + log.meaning + "\n\n" + columns_of(log);
  out +=
      "\n### Tables of the node\n\nBeside them each component with state has a table of its id, and a view that was "
      "recomputed one named\n`VIEW#NUMBER`.\n\n| table | key | value | what it is for |\n| --- | --- | --- | --- |\n";
  for (const SystemTable& table : system_tables())
    out += "| `" + table.name + "` | " + table.key + " | " + table.value + " | " + table.meaning + " |\n";
  out += "\n### Grammars\n\nKeys and values byte by byte, from the headers of what writes them.\n";
  for (const auto& [file, grammar] : grammars("actors"))
    out += "\n[" + file + "](../" + file + ")\n\n```\n" + grammar + "```\n";
  return out;
}

}  // namespace penstock::dictionary
