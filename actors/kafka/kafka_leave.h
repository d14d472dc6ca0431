// How a member leaves its group, around two faults of librdkafka before 2.4: it waits without end for a join that is not answered
// (its issue 4527), and ends the process if it is destroyed between the answer to a join and its first assignment (4312).
#pragma once

#include <memory>

#include "actors/kafka/kafka_client.h"

namespace penstock {

/// Answers a rebalance that changes nothing any more: it only must have an answer.
void answer_rebalance(rd_kafka_t* handle, bool assigned, const rd_kafka_topic_partition_list_t* list);
/// Leaves within some seconds; serves rebalance callbacks meanwhile. `assigned`: the member has been told an assignment since it
/// subscribed, or never did. A client that may not be destroyed is kept aside until the process ends: it has left the group, or
/// does so in its own time.
void leave_group(std::unique_ptr<KafkaClient> client, bool assigned);

}  // namespace penstock
