#include "cli/service_manager.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/support/notify_socket.h"
#include "tests/support/temporary_folder.h"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

struct Fixture {
  Fixture() { setenv("NOTIFY_SOCKET", socket.path().c_str(), 1); }
  ~Fixture() {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
      unsetenv(name);
  }
  test::TemporaryFolder folder;
  test::NotifySocket socket{folder / "notify"};
};

TEST_CASE_METHOD(Fixture, "systemd is told what happens, and the status when it changes") {
  ServiceManager service;
  service.ready();
  service.status("coming up");
  service.status("coming up");
  service.status("ready");
  service.stopping();
  CHECK(socket.next() == "READY=1");
  CHECK(socket.next() == "STATUS=coming up");
  CHECK(socket.next() == "STATUS=ready");
  CHECK(socket.next() == "STOPPING=1");
}

TEST_CASE_METHOD(Fixture, "the watchdog is fed twice in each of its periods") {
  setenv("WATCHDOG_USEC", "10000000", 1);
  ServiceManager service;
  for (int64_t second = 1; second <= 11; ++second)
    service.works(second * 1'000'000'000);
  for (int i = 0; i < 3; ++i)  // at 1, 6 and 11 s
    CHECK(socket.next() == "WATCHDOG=1");
  CHECK(socket.next(milliseconds(0)).empty());
}

TEST_CASE_METHOD(Fixture, "a watchdog of another process, or none, is not fed") {
  setenv("WATCHDOG_USEC", "10000000", 1);
  setenv("WATCHDOG_PID", "1", 1);
  ServiceManager service;
  service.works(1'000'000'000);
  unsetenv("WATCHDOG_USEC");
  ServiceManager without;
  without.works(1'000'000'000);
  CHECK(socket.next(milliseconds(0)).empty());
}

TEST_CASE("without systemd, or with nobody who listens, nothing happens") {
  ServiceManager nobody;
  nobody.ready();
  setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
  ServiceManager gone;
  gone.ready();
  gone.status("ready");
  setenv("NOTIFY_SOCKET", std::string(200, 'x').c_str(), 1);
  ServiceManager too_long;
  too_long.ready();
  unsetenv("NOTIFY_SOCKET");
}

}  // namespace
}  // namespace penstock::cli
