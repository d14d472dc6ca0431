#include "tests/support/every_event.h"

namespace penstock::test {

using namespace monitoring;

void emit_every_event(const std::function<void(const Event&)>& emit) {
  const Origin stage{"failed", "stage", "filter"};
  const Origin job{"nightly", "job", "job"};
  const Origin model{"taste", "trainer", "als"};
  emit(BatchReceived{stage, 5, 100});
  emit(BatchSent{stage, 5, 100});
  emit(BatchProcessed{stage, 0.01});
  emit(RecordsRejected{stage, 1, "decode"});
  emit(ComponentError{stage, "io", "cannot read"});
  emit(TimeSpent{stage, 1, 2, 3});
  emit(QueueSize{stage, 100, 2});
  emit(EpochCommitted{stage, 1, 0.05, 10});
  emit(ComponentState{stage, "running", ""});
  emit(ComponentRestarted{stage, "cannot read", 0.5});
  emit(StoreCommitted{0.01, 100, 2});
  emit(StoreReport{1, 2, 3, 4, 5, 6, 7, 8, true});
  emit(StateSize{stage, 10, 1000});
  emit(ModelTrained{model, 3, 1.5});
  emit(ModelLive{model, 3, 90, 10, 20, 30});
  emit(ModelMetric{model, 3, "ndcg@10", 0.25});
  emit(ModelTrainingFailed{model, "nothing to learn from"});
  emit(EventServed{model, 0.003, 5});
  emit(RequestServed{"GET /health", 200, 0.001});
  emit(RecommendationServed{model, true, 10, "cold"});
  emit(ModelStateChanged{model, 3, "live", "not worse"});
  emit(CanaryShare{model, 4, 0.1});
  emit(TrainingProgressed{model, 0.5, 12});
  emit(ModelSearched{model, "norm-sorted", 0.02, 1});
  emit(PrequentialMeasured{model, 3, "warm", "ndcg@10", 0.2});
  emit(DriftMeasured{model, "price", "psi", 0.1});
  emit(ExperimentMeasured{model, "b", "rate", 0.2, 0.1, 0.3});
  emit(ImpressionsShown{model, "b", 10});
  emit(RecommenderAnswered{model, "taste", 10, false, 0.001, "warm"});
  emit(PredictionServed{model, "predicted"});
  emit(RecordsLost{stage, "shop", 0, 5, 7});
  emit(RecordIsolated{stage, "shop", 0, 5, "it crashes"});
  emit(DeliveryRetried{stage, 2, 0.5, "refused"});
  emit(DuplicatesDropped{stage, 3});
  emit(ComponentStalled{stage, 31});
  emit(ConsumerLag{stage, "shop", 12, 0.5});
  emit(StoreHealth{false, "the disk is full"});
  emit(BackupFinished{"backups/today", 4096, 0.25});
  emit(BudgetReport{100, 200});
  emit(MemoryHeld{"histories", 100});
  emit(JobStarted{job, "nightly.7", "schedule"});
  emit(JobProgressed{job, 0.5, 60});
  emit(JobFinished{job, "nightly.7", "succeeded", "", 120});
  emit(JobStanding{job, 1.7e9, 0});
  emit(BatchTaskDone{job, "map", true, 0.5});
  emit(WatermarkReached{stage, 1.7e9, 3});
  emit(KafkaLag{stage, "orders", 2, 100, 0.5});
  emit(KafkaRebalanced{stage, "assigned", "orders/2", 1});
  emit(KafkaFailed{stage, "broker_not_available", "no broker answers"});
  emit(TraceStep{stage, "0af7651916cd43dd8448eb211c80319c", "ingested", "", "b7ad6b7169203331", "00f067aa0ba902b7",
                 "shop/0/5", 0.1, 0.2});
  emit(LogSize{"shop", 10, 1000});
  emit(LettersWaiting{3, 60});
  emit(NodeHealth{true, false});
  emit(RequestsUnderWay{1});
  emit(ModelQuality{model, "live", "ndcg@10", 0.25});
  emit(ModelQuality{model, "before", "auc", 0.5});
  emit(ModelVersions{model, "archived", 2});
  emit(ModelSchedule{model, 3600});
  emit(BackupFound{1.7e9, 8192});
  emit(NodeStarted{"shop", "1.2.3"});
  emit(NodeStopping{"told to"});
  emit(Note{stage, "hello"});
}

}  // namespace penstock::test
