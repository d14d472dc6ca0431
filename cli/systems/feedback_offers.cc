// Feedback on services, with a score of 1 to 5: low scores are due an offer, high ones are kept.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "cli/systems/row_file.h"
#include "cli/systems/systems.h"
#include "core/random.h"
#include "messages/timestamp.h"

namespace penstock::cli {
namespace {

constexpr Timestamp kBegin{1'767'600'000'000'000};  // 2026-01-05T08:00:00Z
constexpr double kMeanGap = 20e6;                   // microseconds between two events
constexpr size_t kServices = 40;
constexpr size_t kEventsOfCustomer = 12;  // on average
constexpr std::array kSegments = {"new", "regular", "loyal", "business"};
constexpr std::array kDiscounts = {5, 10, 15, 20};
// How likely a customer of a segment takes an offer of that discount: what a bandit is to find out.
constexpr double kTakes[4][4] = {
    {0.10, 0.22, 0.45, 0.48}, {0.08, 0.15, 0.22, 0.40}, {0.30, 0.55, 0.56, 0.57}, {0.05, 0.08, 0.30, 0.33}};

// Kinds of dirt. All but a duplicate are to be rejected; a duplicate counts once.
constexpr std::array kDirt = {"broken_json",     "no_customer", "no_service", "score_out_of_range",
                              "score_no_number", "bad_time",    "empty_text", "duplicate"};

constexpr std::array<std::array<const char*, 5>, 5> kTexts = {{
    {"Never again.", "Broken on arrival, and nobody answers.", "Two hours late and \"lost\" my order.",
     "Das war gar nichts, Geld zur\xC3\xBC"
     "ck!",
     "Refund me."},
    {"Not what I expected.", "Slow, and rude on the phone.", "The parts did not fit.", "Half of it was missing.",
     "Needed three calls, sigh..."},
    {"It was all right.", "Average; the price is a bit high.", "Good work, late though.", "OK\nbut not more than that",
     "Neither good nor bad."},
    {"Good service, thank you.", "Quick and friendly.", "Would use it again.", "Almost perfect, one scratch.",
     "Tr\xC3\xA8s bien"},
    {"Excellent!", "The best I have had so far \xF0\x9F\x98\x80", "Perfect, on time, lovely people.",
     "Better than described.", "Ten of ten, will come back."},
}};

struct Feedback {
  uint64_t id = 0;
  uint64_t customer = 0;
  uint64_t service = 0;
  Timestamp at;
  std::string text;
  int score = 0;
};

std::string id_text(const char* prefix, uint64_t number) { return prefix + std::to_string(number); }

// What a source reads: `score` and `at` as they are to be written.
std::string line_of(const Feedback& feedback, bool customer, bool service, const std::string& score,
                    const std::string& at) {
  JsonRow row;
  row.field("feedback_id", id_text("f", feedback.id));
  if (customer)
    row.field("customer_id", id_text("c", feedback.customer));
  if (service)
    row.field("service_id", id_text("s", feedback.service));
  row.field("at", at).field("text", feedback.text).raw("score", score);
  return row.text();
}

std::string clean_line(const Feedback& feedback) {
  JsonRow row;
  row.field("feedback_id", id_text("f", feedback.id))
      .field("customer_id", id_text("c", feedback.customer))
      .field("service_id", id_text("s", feedback.service))
      .field("at", feedback.at)
      .field("text", feedback.text)
      .field("score", feedback.score);
  return row.text();
}

class Generator {
 public:
  Generator(const SystemOptions& options, RowFile feedback)
      : options_(options),
        random_(options.seed),
        out_(std::move(feedback)),
        customers_(std::max<uint64_t>(1, options.events / kEventsOfCustomer)) {
    for (double& quality : quality_)
      quality = 1.8 + 2.6 * random_.uniform();
  }

  Status run(const std::function<void(uint64_t, uint64_t)>& progress) {
    PENSTOCK_TRY(write_customers());
    PENSTOCK_TRY(write_discounts());
    for (uint64_t i = 0; i < options_.events; ++i) {
      if (random_.uniform() < options_.dirty)
        write_dirty(i);
      else
        write_clean(i);
      if (i % 16'384 == 0)
        progress(i, options_.events);
    }
    progress(options_.events, options_.events);
    PENSTOCK_TRY(out_.close());
    return write_truth();
  }

 private:
  Result<RowFile> file(const char* name) const { return RowFile::create(options_.folder + "/" + name); }

  static size_t segment_of(uint64_t customer) { return splitmix64(customer) % kSegments.size(); }

  Status write_customers() {
    PENSTOCK_ASSIGN(RowFile customers, file("customers.jsonl"));
    for (uint64_t customer = 1; customer <= customers_; ++customer)
      customers.write(JsonRow()
                          .field("customer_id", id_text("c", customer))
                          .field("segment", kSegments[segment_of(customer)])
                          .field("callback_url", "http://127.0.0.1:9090/offers/" + id_text("c", customer)));
    return customers.close();
  }

  // Each service's discount is changed about ten times in the run, at the times of the stream.
  Status write_discounts() {
    PENSTOCK_ASSIGN(RowFile discounts, file("discounts.jsonl"));
    const double length = kMeanGap * static_cast<double>(options_.events);
    constexpr int kChanges = 10;
    for (int change = 0; change < kChanges; ++change)
      for (uint64_t service = 1; service <= kServices; ++service) {
        const double at = change == 0 ? 0 : length * (change + random_.uniform()) / kChanges;
        discounts.write(JsonRow()
                            .field("service_id", id_text("s", service))
                            .field("percent", kDiscounts[random_.below(kDiscounts.size())])
                            .field("at", Timestamp{kBegin.micros + static_cast<int64_t>(at)}));
      }
    return discounts.close();
  }

  Feedback next(uint64_t number) {
    now_.micros += static_cast<int64_t>(-kMeanGap * std::log(1 - random_.uniform())) + 1;
    Feedback feedback;
    feedback.id = number + 1;
    feedback.customer = 1 + random_.below(customers_);
    // A few services get most of the feedback.
    feedback.service = 1 + static_cast<uint64_t>(kServices * std::pow(random_.uniform(), 2));
    feedback.at = now_;
    const double score = quality_[feedback.service - 1] + 3 * (random_.uniform() - 0.5);
    feedback.score = std::clamp(static_cast<int>(std::lround(score)), 1, 5);
    const auto& texts = kTexts[static_cast<size_t>(feedback.score - 1)];
    feedback.text = texts[random_.below(texts.size())];
    return feedback;
  }

  void write_clean(uint64_t number) {
    last_ = next(number);
    out_.write(clean_line(last_));
    ++scores_[last_.score];
    Service& service = services_[last_.service];
    ++service.feedback;
    service.score_sum += static_cast<uint64_t>(last_.score);
    if (last_.score <= 3)
      ++offers_by_segment_[segment_of(last_.customer)];
  }

  void write_dirty(uint64_t number) {
    size_t kind = random_.below(kDirt.size());
    if (kind == 7 && last_.id == 0)  // there is nothing to repeat yet
      kind = 0;
    ++dirt_[kDirt[kind]];
    if (kind == 7)
      return out_.write(clean_line(last_));
    Feedback feedback = next(number);
    const std::string score = std::to_string(feedback.score);
    const std::string at = format_timestamp(feedback.at);
    switch (kind) {
      case 0: {
        const std::string whole = line_of(feedback, true, true, score, at);
        return out_.write(whole.substr(0, 1 + random_.below(whole.size() - 1)));
      }
      case 1: return out_.write(line_of(feedback, false, true, score, at));
      case 2: return out_.write(line_of(feedback, true, false, score, at));
      case 3: {
        constexpr std::array kOut = {"0", "6", "-1", "10", "500"};
        return out_.write(line_of(feedback, true, true, kOut[random_.below(kOut.size())], at));
      }
      case 4: return out_.write(line_of(feedback, true, true, "\"five stars\"", at));
      case 5: return out_.write(line_of(feedback, true, true, score, "yesterday"));
      default: feedback.text.clear(); return out_.write(line_of(feedback, true, true, score, at));
    }
  }

  Status write_truth() {
    uint64_t clean = 0, rejected = 0;
    JsonRow scores, dirt, services, offers, takes;
    for (int score = 1; score <= 5; ++score) {
      scores.field(std::to_string(score), scores_[score]);
      clean += scores_[score];
    }
    for (const char* kind : kDirt) {
      dirt.field(kind, dirt_[kind]);
      rejected += kind == std::string_view("duplicate") ? 0 : dirt_[kind];
    }
    for (const auto& [service, sums] : services_)
      services.raw(id_text("s", service),
                   JsonRow().field("feedback", sums.feedback).field("score_sum", sums.score_sum).text());
    for (size_t s = 0; s < kSegments.size(); ++s) {
      offers.field(kSegments[s], offers_by_segment_[s]);
      JsonRow odds;
      for (size_t d = 0; d < kDiscounts.size(); ++d)
        odds.field(std::to_string(kDiscounts[d]), kTakes[s][d]);
      takes.raw(kSegments[s], odds.text());
    }
    PENSTOCK_ASSIGN(RowFile truth, file("truth.json"));
    truth.write(JsonRow()
                    .field("system", "feedback-offers")
                    .field("seed", options_.seed)
                    .field("events", options_.events)
                    .field("customers", customers_)
                    .field("clean", clean)
                    .field("rejected", rejected)
                    .field("duplicates", dirt_["duplicate"])
                    .field("offers_due", scores_[1] + scores_[2] + scores_[3])
                    .field("persisted", scores_[4] + scores_[5])
                    .raw("scores", scores.text())
                    .raw("dirt", dirt.text())
                    .raw("offers_due_by_segment", offers.text())
                    .raw("services", services.text())
                    .raw("takes", takes.text()));
    return truth.close();
  }

  struct Service {
    uint64_t feedback = 0;
    uint64_t score_sum = 0;
  };

  const SystemOptions& options_;
  Random random_;
  RowFile out_;
  const uint64_t customers_;
  Timestamp now_ = kBegin;
  std::array<double, kServices> quality_{};
  Feedback last_;  // the last clean one
  std::map<int, uint64_t> scores_;
  std::map<std::string, uint64_t> dirt_;
  std::map<uint64_t, Service> services_;
  std::array<uint64_t, kSegments.size()> offers_by_segment_{};
};

}  // namespace

System feedback_offers() {
  return {
      "feedback-offers",
      "Feedback of customers on services, scored 1 to 5; scores 1 to 3 are due an offer.",
      {{"feedback.jsonl", "feedback_id, customer_id, service_id, at, text, score; dirty records among them"},
       {"customers.jsonl", "customer_id, segment, callback_url"},
       {"discounts.jsonl", "service_id, percent, at: the discounts as they change"},
       {"truth.json",
        "counts by score, kind of dirt, service and segment; what is to be rejected, offered and persisted; how likely "
        "each segment takes each discount"}},
      [](const SystemOptions& options, const std::function<void(uint64_t, uint64_t)>& progress) -> Status {
        PENSTOCK_ASSIGN(RowFile feedback, RowFile::create(options.folder + "/feedback.jsonl"));
        return Generator(options, std::move(feedback)).run(progress);
      }};
}

}  // namespace penstock::cli
