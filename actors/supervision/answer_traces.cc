#include "actors/supervision/answer_traces.h"

namespace penstock {
namespace {

std::string describe(const Recommendation& answer) {
  std::string text = std::to_string(answer.items.size()) + " items";
  if (!answer.recommender.empty())
    text += " by recommender " + answer.recommender;
  else if (!answer.model.empty())
    text += " by model " + answer.model;
  if (answer.model_version)
    text += ", version " + std::to_string(*answer.model_version);
  return text + (answer.fallback ? ", fallback" : "");
}

}  // namespace

void tell_answered(const Runtime& runtime, const RecommendationQuery& query, const Result<Recommendation>& answer,
                   int64_t begun) {
  if (query.user.empty() || !runtime.traces.awaits_answers() || !answer.ok() || answer->cached)
    return;
  const double seconds = static_cast<double>(runtime.clock.monotonic_nanos() - begun) * 1e-9;
  const Timestamp now = runtime.clock.now();
  for (const Traces::Learnt& learnt : runtime.traces.answered(query.user)) {
    const std::string record = learnt.record.record();
    const SpanId span =
        span_named(learnt.record.trace, record + "/" + learnt.model + "/answered/" + std::to_string(learnt.answers));
    const monitoring::Origin origin{learnt.model, "server", "model"};
    runtime.monitor.emit(monitoring::TraceStep{origin, learnt.record.trace.hex(), "answered", describe(*answer),
                                               span.hex(), learnt.span.hex(), record, seconds,
                                               static_cast<double>(now.micros - learnt.record.begun.micros) * 1e-6});
  }
}

}  // namespace penstock
