// What a figure was measured on, printed with it.
#pragma once

#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

namespace penstock::bench {

inline void print_machine() {
  std::string line, cpu = "unknown CPU";
  for (std::ifstream info("/proc/cpuinfo"); std::getline(info, line);) {
    if (line.rfind("model name", 0) == 0) {
      cpu = line.substr(line.find(':') + 2);
      break;
    }
  }
#ifdef NDEBUG
  const char* build = "release";
#else
  const char* build = "debug: figures mean nothing";
#endif
#ifndef PENSTOCK_COMMIT
#define PENSTOCK_COMMIT "unknown"
#endif
  std::printf("%s, %u cores, %s build, commit %s\n", cpu.c_str(), std::thread::hardware_concurrency(), build,
              PENSTOCK_COMMIT);
}

}  // namespace penstock::bench
