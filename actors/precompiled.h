// Compiled once for all actors: CAF is slow to read.
#pragma once

#include "messages/actor_protocol.h"
