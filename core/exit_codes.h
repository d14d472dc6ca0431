// The exit codes of the program, those of sysexits.h, so that scripts, systemd and Kubernetes can tell what kind of thing
// went wrong. docs/operations.md says which of them are worth a restart.
#pragma once

namespace penstock {

inline constexpr int kExitOk = 0;
inline constexpr int kExitUsage = 64;         // wrong command line
inline constexpr int kExitBadInput = 65;      // a file or value is wrong, and will stay wrong
inline constexpr int kExitNoInput = 66;       // a file, user, item or model does not exist or cannot be read
inline constexpr int kExitUnavailable = 69;   // the node does not answer, or cannot answer yet
inline constexpr int kExitSoftware = 70;      // a bug of Penstock, or a part of a node that hangs
inline constexpr int kExitCannotCreate = 73;  // output cannot be created: a read-only folder, a port or folder in use
inline constexpr int kExitIo = 74;            // stored data is broken, or output was cut short
inline constexpr int kExitTemporary = 75;     // a budget or disk is full; may pass
inline constexpr int kExitInterrupted = 130;  // stopped with Ctrl-C

}  // namespace penstock
