#include "monitoring/log_lines.h"

#include <array>
#include <cstdio>

namespace penstock::monitoring {
namespace {

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};

std::string seconds(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g s", value);
  return text.data();
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6f", value);
  return text.data();
}

LogLine line(std::string message, const Origin& origin) {
  return {LogLevel::kInfo,
          std::move(message),
          {{"component_id", origin.id}, {"component_kind", origin.kind}, {"component_type", origin.type}}};
}

std::string place(uint32_t partition, uint64_t offset) {
  return "partition " + std::to_string(partition) + ", offset " + std::to_string(offset);
}

bool is_bad(std::string_view state) { return state == "failing" || state == "failed"; }

std::string with_reason(std::string text, const std::string& reason) {
  return reason.empty() ? text : text + ": " + reason;
}

}  // namespace

LogLevel log_level(const Event& event) {
  return std::visit(
      Overload{
          [](const ComponentState& e) { return is_bad(e.state) ? LogLevel::kError : LogLevel::kInfo; },
          // 503 says that something has not started yet; whoever asks knows already.
          [](const RequestServed& e) { return e.code >= 500 && e.code != 503 ? LogLevel::kWarning : LogLevel::kDebug; },
          [](const RecordsRejected&) { return LogLevel::kWarning; },
          [](const ComponentRestarted&) { return LogLevel::kWarning; },
          [](const ComponentError&) { return LogLevel::kError; },
          [](const ModelTrainingFailed&) { return LogLevel::kError; },
          [](const RecordsLost&) { return LogLevel::kError; },
          [](const RecordIsolated&) { return LogLevel::kError; },
          [](const DeliveryRetried&) { return LogLevel::kWarning; },
          [](const ComponentStalled&) { return LogLevel::kError; },
          [](const StoreHealth& e) { return e.writable ? LogLevel::kInfo : LogLevel::kError; },
          [](const BackupFinished&) { return LogLevel::kInfo; },
          [](const ModelTrained&) { return LogLevel::kInfo; },
          [](const ModelLive&) { return LogLevel::kInfo; },
          [](const ModelStateChanged& e) { return e.state == "rejected" ? LogLevel::kWarning : LogLevel::kInfo; },
          [](const ModelMetric&) { return LogLevel::kDebug; },
          [](const JobStarted&) { return LogLevel::kInfo; },
          [](const JobFinished& e) {
            return e.state == "failed" || e.state == "timed_out" ? LogLevel::kError : LogLevel::kInfo;
          },
          [](const BatchTaskDone& e) { return e.ok ? LogLevel::kDebug : LogLevel::kError; },
          [](const KafkaRebalanced&) { return LogLevel::kInfo; },
          [](const KafkaFailed&) { return LogLevel::kWarning; },
          [](const TraceStep&) { return LogLevel::kInfo; },
          [](const NodeStarted&) { return LogLevel::kInfo; },
          [](const NodeStopping&) { return LogLevel::kInfo; },
          [](const Note&) { return LogLevel::kInfo; },
          [](const EpochCommitted&) { return LogLevel::kDebug; },
          [](const auto&) { return LogLevel::kOff; },
      },
      event);
}

LogLine log_line(const Event& event) {
  LogLine out = std::visit(
      Overload{
          [](const RecordsRejected& e) {
            LogLine l = line("set " + std::to_string(e.records) + " records aside as dead letters", e.origin);
            l.fields.emplace_back("reason", e.reason);
            return l;
          },
          [](const ComponentError& e) {
            LogLine l = line(e.message, e.origin);
            l.fields.emplace_back("error_type", e.error_type);
            return l;
          },
          [](const EpochCommitted& e) {
            return line("committed epoch " + std::to_string(e.epoch) + ", " + std::to_string(e.records) +
                            " records in " + seconds(e.seconds),
                        e.origin);
          },
          [](const ComponentState& e) { return line(with_reason(e.state, e.reason), e.origin); },
          [](const ComponentRestarted& e) {
            return line("restarting in " + seconds(e.backoff_seconds) + " after: " + e.reason, e.origin);
          },
          [](const ModelTrained& e) {
            return line("trained version " + std::to_string(e.version) + " in " + seconds(e.seconds), e.origin);
          },
          [](const ModelLive& e) {
            LogLine l = line("version " + std::to_string(e.version) + " is live", e.origin);
            l.fields.emplace_back("users", std::to_string(e.users));
            l.fields.emplace_back("items", std::to_string(e.items));
            l.fields.emplace_back("interactions", std::to_string(e.interactions));
            return l;
          },
          [](const ModelMetric& e) {
            std::array<char, 32> value{};
            std::snprintf(value.data(), value.size(), "%.4f", e.value);
            return line(e.metric + " " + value.data() + " of version " + std::to_string(e.version), e.origin);
          },
          [](const ModelStateChanged& e) {
            return line(with_reason("version " + std::to_string(e.version) + " is " + e.state, e.reason), e.origin);
          },
          [](const ModelTrainingFailed& e) { return line("training failed: " + e.reason, e.origin); },
          [](const RequestServed& e) {
            return LogLine{LogLevel::kDebug,
                           "answered a request in " + seconds(e.seconds),
                           {{"route", e.route}, {"code", std::to_string(e.code)}}};
          },
          [](const RecordsLost& e) {
            return line("came too late: retention had dropped " + std::to_string(e.records) + " records of log \"" +
                            e.log + "\", " + place(e.partition, e.first),
                        e.origin);
          },
          [](const RecordIsolated& e) {
            return line("set the record of log \"" + e.log + "\", " + place(e.partition, e.offset) +
                            " aside as a dead letter: " + e.reason,
                        e.origin);
          },
          [](const DeliveryRetried& e) {
            return line("delivery failed " + std::to_string(e.tries) + " times, trying again in " +
                            seconds(e.pause_seconds) + ": " + e.reason,
                        e.origin);
          },
          [](const ComponentStalled& e) {
            return line("has work and has not answered for " + seconds(e.seconds), e.origin);
          },
          [](const StoreHealth& e) {
            return LogLine{
                LogLevel::kInfo,
                e.writable ? "the store takes commits again" : with_reason("the store is read-only", e.reason),
                {}};
          },
          [](const BackupFinished& e) {
            return LogLine{LogLevel::kInfo,
                           "backup finished in " + seconds(e.seconds),
                           {{"path", e.path}, {"bytes", std::to_string(e.bytes)}}};
          },
          [](const JobStarted& e) { return line("run " + e.run + " begins (" + e.cause + ")", e.origin); },
          [](const JobFinished& e) {
            return line(with_reason("run " + e.run + " " + e.state + " after " + seconds(e.seconds), e.reason),
                        e.origin);
          },
          [](const BatchTaskDone& e) {
            return line(e.task + " task " + (e.ok ? "done" : "failed") + " after " + seconds(e.seconds), e.origin);
          },
          [](const KafkaRebalanced& e) {
            LogLine l = line("partitions " + e.kind + ": " + e.partitions, e.origin);
            l.fields.emplace_back("held", std::to_string(e.held));
            return l;
          },
          [](const KafkaFailed& e) {
            LogLine l = line(e.message, e.origin);
            l.fields.emplace_back("error", e.error);
            return l;
          },
          [](const TraceStep& e) {
            LogLine l = line(e.detail.empty() ? e.step : e.step + ": " + e.detail, e.origin);
            l.fields.emplace_back("trace_id", e.trace_id);
            if (!e.span_id.empty())
              l.fields.emplace_back("span_id", e.span_id);
            if (!e.parent_id.empty())
              l.fields.emplace_back("parent_id", e.parent_id);
            l.fields.emplace_back("step", e.step);
            l.fields.emplace_back("record", e.record);
            l.fields.emplace_back("seconds", number(e.seconds));
            l.fields.emplace_back("age_seconds", number(e.age_seconds));
            return l;
          },
          [](const NodeStarted& e) {
            return LogLine{LogLevel::kInfo, "started", {{"topology", e.topology}, {"version", e.version}}};
          },
          [](const NodeStopping& e) {
            return LogLine{LogLevel::kInfo, with_reason("stopping", e.reason), {}};
          },
          [](const Note& e) { return line(e.text, e.origin); },
          [](const auto&) { return LogLine{}; },
      },
      event);
  out.level = log_level(event);
  return out;
}

}  // namespace penstock::monitoring
