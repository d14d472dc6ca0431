// Food deliveries (food_world.h) as three streams: orders at restaurants, trips of drivers, payments. Each stream is in order of time
// but for some minutes. An order whose trip or payment is missing is known to miss it before the streams end.
#include <algorithm>
#include <array>
#include <map>

#include "cli/systems/food_world.h"
#include "cli/systems/row_file.h"
#include "cli/systems/systems.h"
#include "core/random.h"
#include "messages/timestamp.h"

namespace penstock::cli {
namespace {

// Kinds of dirt. Of the first four the record is to be rejected; a duplicate counts once; an orphan belongs to no order.
constexpr std::array kDirt = {"broken_json", "no_delivery", "bad_time", "bad_value", "duplicate", "orphan"};
constexpr size_t kDuplicate = 4;
constexpr size_t kOrphan = 5;

enum Stream { kOrders, kTrips, kPayments, kStreams };
constexpr std::array kFiles = {"restaurants", "trips", "payments"};

struct Line {
  int64_t at;
  std::string text;
};

struct Sums {
  uint64_t deliveries = 0, failed = 0, unpaid = 0;
  int64_t refund_cents = 0;
  void add(bool failure, bool paid, int64_t refund) {
    ++deliveries;
    failed += failure ? 1 : 0;
    unpaid += paid ? 0 : 1;
    refund_cents += refund;
  }
  std::string json() const {
    return JsonRow()
        .field("deliveries", deliveries)
        .field("failed", failed)
        .field("unpaid", unpaid)
        .field("refund_cents", refund_cents)
        .text();
  }
};

std::string id_text(const char* prefix, uint64_t number) { return prefix + std::to_string(number); }
double money(int64_t cents) { return static_cast<double>(cents) / 100; }
std::string time_text(int64_t at) { return format_timestamp(Timestamp{FoodWorld::kBegin.micros + at}); }

// A record of the stream. `dirt`: which of the first kinds it has, or one beyond them.
std::string record(Stream stream, const Delivery& delivery, size_t dirt, const std::string& id) {
  const auto at = [&](int64_t time) { return dirt == 2 ? std::string("soon") : time_text(time); };
  JsonRow row;
  if (dirt != 1)
    row.field("delivery_id", id);
  if (stream == kOrders)
    row.field("restaurant_id", id_text("r", delivery.restaurant))
        .field("consumer_id", id_text("c", delivery.consumer))
        .field("region", FoodWorld::kRegions[delivery.restaurant % FoodWorld::kRegions.size()])
        .field("asap", delivery.asap)
        .field("is_new", delivery.is_new)
        .field("total", money(dirt == 3 ? -delivery.total : delivery.total))
        .field("ordered_at", at(delivery.ordered));
  else if (stream == kTrips)
    row.field("driver_id", id_text("d", delivery.driver))
        .field("status", dirt == 3 ? "LOST" : delivery.status)
        .field("ended_at", at(delivery.ended));
  else
    row.field("discount", 0.0)
        .field("tip", money(delivery.tip))
        .field("refunded", dirt == 3 ? -1.0 : money(delivery.refund))
        .field("paid_at", at(delivery.paid));
  return row.text();
}

class Generator {
 public:
  explicit Generator(const SystemOptions& options)
      : options_(options), world_(options.events, options.seed), random_(options.seed + 1) {}

  Status run(const std::function<void(uint64_t, uint64_t)>& progress) {
    for (uint64_t i = 0; i < options_.events; ++i) {
      write(world_.next());
      if (i % 16'384 == 0)
        progress(i, options_.events);
    }
    progress(options_.events, options_.events);
    for (const Stream stream : {kOrders, kTrips, kPayments})
      PENSTOCK_TRY(write_file(stream));
    return write_truth();
  }

 private:
  // Adds the record, with its dirt; whether it can be read.
  bool add(Stream stream, const Delivery& delivery, int64_t at) {
    size_t dirt = kDirt.size();
    if (random_.uniform() < options_.dirty) {
      dirt = random_.below(kDirt.size());
      if (dirt < kDuplicate && stream != kOrders && delivery.ordered >= FoodWorld::kComplete)
        dirt = kDuplicate;
      if (dirt == kOrphan && stream == kOrders)
        dirt = kDuplicate;
      ++dirt_[kDirt[dirt]];
    }
    at += static_cast<int64_t>(random_.below(300 * FoodWorld::kSecond));  // some minutes of disorder
    std::string text = record(stream, delivery, dirt, id_text("o", delivery.id));
    if (dirt == 0)
      text.resize(1 + random_.below(text.size() - 1));
    auto& lines = lines_[stream];
    if (dirt == kDuplicate)
      lines.push_back({at, text});
    if (dirt == kOrphan)
      lines.push_back({at, record(stream, delivery, dirt, id_text("x", delivery.id))});
    lines.push_back({at, std::move(text)});
    const bool good = dirt >= kDuplicate;
    rejected_[stream] += good ? 0 : 1;
    if (stream == kTrips && good) {
      const uint64_t trips = dirt == kOrphan ? 2 : 1;
      Sums& hour = by_hour_[time_text(delivery.ended / FoodWorld::kHour * FoodWorld::kHour)];
      hour.deliveries += trips;
      hour.failed += delivery.status == std::string_view("DELIVERED") ? 0 : trips;
      trips_ += trips;
    }
    return good;
  }

  void write(const Delivery& delivery) {
    const bool ordered = add(kOrders, delivery, delivery.ordered);
    const bool driven = !delivery.no_trip && add(kTrips, delivery, delivery.ended);
    const bool paid = add(kPayments, delivery, delivery.paid);
    if (!ordered)
      return;
    const int64_t refund = paid ? delivery.refund : 0;
    const char* failure = !driven                                            ? "no_trip"
                          : delivery.status != std::string_view("DELIVERED") ? "not_delivered"
                          : refund > 0                                       ? "refunded"
                          : delivery.late                                    ? "late"
                                                                             : nullptr;
    if (failure != nullptr)
      ++failures_[failure];
    all_.add(failure, paid, refund);
    by_restaurant_[id_text("r", delivery.restaurant)].add(failure, paid, refund);
    by_day_[std::string(FoodWorld::kRegions[delivery.restaurant % FoodWorld::kRegions.size()]) + "|" +
            time_text(delivery.ordered).substr(0, 10)]
        .add(failure, paid, refund);
  }

  Status write_file(Stream stream) {
    PENSTOCK_ASSIGN(RowFile file, RowFile::create(options_.folder + "/" + kFiles[stream] + ".jsonl"));
    std::ranges::stable_sort(lines_[stream], {}, &Line::at);
    for (const Line& line : lines_[stream])
      file.write(line.text);
    return file.close();
  }

  Status write_truth() const {
    const auto counts = [](const std::map<std::string, uint64_t>& map) {
      JsonRow row;
      for (const auto& [name, count] : map)
        row.field(name, count);
      return row.text();
    };
    const auto sums = [](const std::map<std::string, Sums>& map) {
      JsonRow row;
      for (const auto& [name, sum] : map)
        row.raw(name, sum.json());
      return row.text();
    };
    JsonRow records, rejected, fails;
    for (const Stream stream : {kOrders, kTrips, kPayments}) {
      records.field(kFiles[stream], static_cast<uint64_t>(lines_[stream].size()));
      rejected.field(kFiles[stream], rejected_[stream]);
    }
    for (uint64_t i = 0; i < world_.fails().size(); ++i)
      fails.field(id_text("r", i), world_.fails()[i]);
    std::string alarming;  // as the topology says
    for (const auto& [hour, sum] : by_hour_)
      if (sum.failed >= 3 && sum.failed * 5 > sum.deliveries)
        alarming += (alarming.empty() ? "\"" : ",\"") + hour + "\"";
    PENSTOCK_ASSIGN(RowFile truth, RowFile::create(options_.folder + "/truth.json"));
    truth.write(JsonRow()
                    .field("system", "food-delivery")
                    .field("seed", options_.seed)
                    .field("events", options_.events)
                    .raw("records", records.text())
                    .raw("rejected", rejected.text())
                    .raw("dirt", counts(dirt_))
                    .raw("all", all_.json())
                    .field("trips", trips_)
                    .raw("alarming_hours", "[" + alarming + "]")
                    .raw("failures", counts(failures_))
                    .raw("restaurants", sums(by_restaurant_))
                    .raw("days", sums(by_day_))
                    .raw("fails", fails.text()));
    return truth.close();
  }

  const SystemOptions& options_;
  FoodWorld world_;
  Random random_;  // of dirt and disorder
  std::array<std::vector<Line>, kStreams> lines_;
  std::array<uint64_t, kStreams> rejected_{};
  uint64_t trips_ = 0;
  std::map<std::string, uint64_t> dirt_, failures_;
  Sums all_;
  std::map<std::string, Sums> by_restaurant_, by_day_;
  std::map<std::string, Sums> by_hour_;  // trips
};

}  // namespace

System food_delivery() {
  return {"food-delivery",
          "Orders at restaurants, trips and payments of two weeks of deliveries, some of which fail; each event is a "
          "delivery.",
          {{"restaurants.jsonl", "delivery_id, restaurant_id, consumer_id, region, asap, is_new, total, ordered_at"},
           {"trips.jsonl", "delivery_id, driver_id, status, ended_at"},
           {"payments.jsonl", "delivery_id, discount, tip, refunded, paid_at"},
           {"truth.json",
            "deliveries, failures and refunds, in all, by restaurant and by region and day; failures by kind; hours "
            "that raise an "
            "alert; records and rejected records by file; how often each restaurant fails"}},
          [](const SystemOptions& options, const std::function<void(uint64_t, uint64_t)>& progress) -> Status {
            return Generator(options).run(progress);
          }};
}

}  // namespace penstock::cli
