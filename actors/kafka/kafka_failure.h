// What a client of Kafka tells of a broker, or the way to it, that failed.
#pragma once

#include <string>

namespace penstock {

struct KafkaFailure {
  std::string error;    // a word: the error's name in the protocol, or what the client library calls its own
  std::string message;  // with the broker's name
};

}  // namespace penstock
