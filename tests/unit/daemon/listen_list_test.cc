#include "daemon/listen_list.h"

#include <string>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "tests/support/catch.h"

namespace quarry::daemon {
namespace {

/// The entries as "host" or "host port", parted by a bar; or the message of the error.
std::string Parsed(const std::string& text) {
  const absl::StatusOr<std::vector<ListenEntry>> entries = ParseListenList(text);
  if (!entries.ok()) {
    return std::string(entries.status().message());
  }
  return absl::StrJoin(*entries, "|", [](std::string* out, const ListenEntry& entry) {
    absl::StrAppend(out, entry.host);
    if (entry.port) {
      absl::StrAppend(out, " ", *entry.port);
    }
  });
}

TEST_CASE("An address is a host, with or without a port") {
  REQUIRE(Parsed("127.0.0.1") == "127.0.0.1");
  REQUIRE(Parsed("cache.example:11212") == "cache.example 11212");
  REQUIRE(Parsed("*") == "*");
  REQUIRE(Parsed("*:0") == "* 0");
  REQUIRE(Parsed("localhost:65535") == "localhost 65535");
}

TEST_CASE("A version 6 address needs brackets only before a port") {
  REQUIRE(Parsed("::1") == "::1");
  REQUIRE(Parsed("fe80::1:2") == "fe80::1:2");
  REQUIRE(Parsed("[::1]") == "::1");
  REQUIRE(Parsed("[::1]:11212") == "::1 11212");
}

TEST_CASE("Commas and semicolons part addresses") {
  REQUIRE(Parsed("127.0.0.1,[::1]:5;localhost") == "127.0.0.1|::1 5|localhost");
  REQUIRE(Parsed(",a,, b;") == "a|b");
}

TEST_CASE("A bad address is told what would be right") {
  const std::string port = "a port behind an address is 0 to 65535";
  const std::string brackets = "an address in brackets is [v6 address] or [v6 address]:port";
  REQUIRE(Parsed("a:") == port);
  REQUIRE(Parsed("a:65536") == port);
  REQUIRE(Parsed("a:0x10") == port);
  REQUIRE(Parsed("[::1]:") == port);
  REQUIRE(Parsed(":11211") == "an address stands before its port, * for every address");
  REQUIRE(Parsed("[::1") == brackets);
  REQUIRE(Parsed("[]:5") == brackets);
  REQUIRE(Parsed("[::1]5") == brackets);
  REQUIRE(Parsed("") ==
          "it takes host, host:port, [v6 address]:port or *, several parted by commas");
  REQUIRE(Parsed(",") == Parsed(""));
}

/// The only entry of `text`.
ListenEntry Entry(const std::string& text) {
  const absl::StatusOr<std::vector<ListenEntry>> entries = ParseListenList(text);
  REQUIRE(entries.ok());
  REQUIRE(entries->size() == 1);
  return entries->front();
}

TEST_CASE("A prefix chooses the protocol of one address") {
  REQUIRE(Entry("127.0.0.1").protocol == ListenProtocol::kDefault);
  REQUIRE(Entry("proto[ascii]:127.0.0.1").protocol == ListenProtocol::kAscii);
  REQUIRE(Entry("mtls:proto[binary]:[::1]:5").protocol == ListenProtocol::kBinary);
  REQUIRE(Entry("proto[negotiating]:tag[a]:a").protocol == ListenProtocol::kNegotiating);
}

TEST_CASE("Prefixes choose TLS and a tag for one address, in any order") {
  REQUIRE(Entry("127.0.0.1").tls == ListenTls::kDefault);
  REQUIRE(Entry("notls:127.0.0.1").tls == ListenTls::kPlain);
  REQUIRE(Entry("btls:[::1]:5").tls == ListenTls::kBasic);
  REQUIRE(Entry("tag[a]:localhost").tag == "a");
  REQUIRE(Entry("tag_12345678_:localhost").tag == "12345678");
  for (const std::string text : {"mtls:tag[a_b]:[::1]:5", "tag_a_b_:mtls:[::1]:5"}) {
    const ListenEntry entry = Entry(text);
    CAPTURE(text);
    REQUIRE(entry.tls == ListenTls::kMutual);
    REQUIRE(entry.tag == "a_b");
    REQUIRE(entry.host == "::1");
    REQUIRE(entry.port == uint16_t{5});
  }
  REQUIRE(Parsed("notls:127.0.0.1:5,mtls:::1") == "127.0.0.1 5|::1");
}

TEST_CASE("A bad prefix is told what would be right") {
  const std::string tag = "a tag is tag[name]: or tag_name_: with a name of 1 to 8 bytes, once";
  REQUIRE(Parsed("tag[]:a") == tag);
  REQUIRE(Parsed("tag[123456789]:a") == tag);
  REQUIRE(Parsed("tag[a]a") == tag);
  REQUIRE(Parsed("tag_a:a") == tag);
  REQUIRE(Parsed("tag[a]:tag_b_:c") == tag);
  REQUIRE(Parsed("mtls:notls:a") == "an address has one of notls:, btls: and mtls:");
  REQUIRE(Parsed("mtls:") == "an address stands behind the prefixes");
  REQUIRE(Parsed("proto[text]:a") ==
          "a protocol is proto[ascii]:, proto[binary]: or proto[negotiating]:");
  REQUIRE(Parsed("proto[ascii:a") == Parsed("proto[text]:a"));
  REQUIRE(Parsed("proto[ascii]:proto[binary]:a") == "an address has one proto[name]:");
}

TEST_CASE("Loopback addresses are those that other machines do not reach") {
  for (const std::string host : {"127.0.0.1", "127.255.0.3", "::1", "localhost"}) {
    CAPTURE(host);
    REQUIRE(IsLoopback(host));
  }
  for (const std::string host : {"*", "", "0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "example"}) {
    CAPTURE(host);
    REQUIRE_FALSE(IsLoopback(host));
  }
}

}  // namespace
}  // namespace quarry::daemon
