// Bytes as gzip, whole.
#pragma once

#include <string>
#include <string_view>

namespace penstock {

/// One gzip member (RFC 1952) behind what is in `out`; members one after the other are a file of all their content. The same
/// bytes always give the same member.
void append_gzip(std::string_view bytes, std::string& out);

}  // namespace penstock
