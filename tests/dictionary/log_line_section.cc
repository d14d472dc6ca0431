#include "tests/dictionary/dictionary.h"

namespace penstock::dictionary {

const std::vector<Described>& log_fields() {
  static const std::vector<Described> list = {
      {"component_id", "Which component of the topology speaks, or `batch/N`, `store` and the like."},
      {"component_kind", "What it is: source, stage, aggregator, sink, trainer, server, region, job, service, store."},
      {"component_type", "Its type, as the topology has it."},
      {"reason", "Why records were set aside: `decode`, `expression`, `rule`, `refused`."},
      {"error_type",
       "The kind of an error: `processing`, `commit`, `unavailable` and so on; a label of the metric, too."},
      {"users", "Of a model version that goes live: users in its training's data."},
      {"items", "The same of items."},
      {"interactions", "The same of interactions."},
      {"route", "Of a request: method and path template, `GET /v1/users/{id}/recommendations`."},
      {"code", "The status code that it was answered with."},
      {"path", "The folder of a backup."},
      {"bytes", "Its size."},
      {"held", "Partitions of Kafka that this node reads after a rebalance."},
      {"error", "An error's name in the Kafka protocol."},
      {"trace_id",
       "The trace that a followed record belongs to: 32 hexadecimal digits, as W3C Trace Context has them."},
      {"span_id", "This step of the trace: 16 hexadecimal digits."},
      {"parent_id", "The step that this one follows from; not there: it is the first."},
      {"step", "What the record has come to: ingested, processed, committed, delivered, learnt, trained, answered."},
      {"record", "The record: log, partition and offset, `orders/0/41`."},
      {"seconds", "How long the step took."},
      {"age_seconds", "Since the record was taken in."},
      {"topology", "The topology's name; of the line `started`."},
      {"version", "The version of Penstock; of the line `started`."},
  };
  return list;
}

std::string log_line_section() {
  std::string out =
      "## Lines of the log\n\nA line has a time (RFC 3339, UTC), a level (debug, info, warning, error), a message for "
      "people, and fields. As\ntext (`--log-format text`): `TIME LEVEL message field=value ...`, values with blanks in "
      "quotes. As JSON\n(`--log-format json`): one object with `time`, `level`, `message`, and the fields as texts.\n\n"
      "| field | meaning |\n| --- | --- |\n";
  for (const Described& field : log_fields())
    out += "| `" + field.name + "` | " + field.meaning + " |\n";
  return out;
}

}  // namespace penstock::dictionary
