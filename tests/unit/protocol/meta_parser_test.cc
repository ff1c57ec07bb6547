#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/protocol/conversation.h"

namespace quarry::protocol {
namespace {

using Expectations = std::vector<std::pair<std::string, std::string>>;

std::string Refused(std::string_view text) {
  return "meta error CLIENT_ERROR " + std::string(text);
}

const std::string kBadLine = Refused("bad command line format");
const std::string kBadToken = Refused("bad token in command line format");
const std::string kInvalidOrDuplicate = Refused("invalid or duplicate flag");
const std::string kLongestKey = std::string(kMaxKeyBytes, 'k');
const std::string kLongKey = std::string(kMaxKeyBytes + 1, 'k');

/// Each first text, a line, is parsed into the second.
void RequireLines(const Expectations& expectations) {
  for (const auto& [line, requests] : expectations) {
    CAPTURE(line);
    REQUIRE(ParseLine(line) == requests);
  }
}

/// A line of `command` with the flag letters that the meta commands share, `count` of them.
std::string LineWithFlags(std::string_view command, size_t count) {
  constexpr std::string_view kLetters = "cfhklqstuvxIPLOb";
  std::string line(command);
  for (const char letter : kLetters.substr(0, count)) {
    line += ' ';
    line += letter;
  }
  return line;
}

TEST_CASE("mg reads each of its flags") {
  RequireLines({
      {"mg", kBadLine},
      {"mg k", "meta get key='k'"},
      {"mg k v", "meta get value key='k' flags='v'"},
      {"mg k q", "meta get quiet key='k' flags='q'"},
      {"mg k u", "meta get unbumped key='k' flags='u'"},
      {"mg Zm9v b", "meta get base64 key='Zm9v' flags='b'"},
      {"mg k T30", "meta get touch key='k' flags='T30' exptime=30"},
      {"mg k T-1", "meta get touch key='k' flags='T-1' exptime=-1"},
      {"mg k N30", "meta get vivify key='k' flags='N30' vivify_exptime=30"},
      {"mg k R30", "meta get recache key='k' flags='R30' recache_sec=30"},
      {"mg k R30 T60", "meta get touch recache key='k' flags='R30 T60' exptime=60 recache_sec=30"},
      {"mg k T60 R30",
       "meta get touch recache touch_first key='k' flags='T60 R30' exptime=60 recache_sec=30"},
      {"mg k C5", "meta get compare key='k' flags='C5' cas=5"},
      {"mg k E5", "meta get set_cas key='k' flags='E5' new_cas=5"},
      {"mg k c f h k l s t", "meta get key='k' flags='c f h k l s t'"},
      {"mg k  s   v O12 ", "meta get value key='k' flags='s   v O12'"},
      {"mg " + kLongestKey, "meta get key='" + kLongestKey + "'"},
  });
}

TEST_CASE("Of N and T in mg and ma the last says how long a created item lives") {
  RequireLines({
      {"mg k N30 T60",
       "meta get touch vivify key='k' flags='N30 T60' exptime=60 vivify_exptime=60"},
      {"mg k T60 N30",
       "meta get touch vivify key='k' flags='T60 N30' exptime=60 vivify_exptime=30"},
      {"ma k N30 T60",
       "meta arithmetic touch vivify key='k' flags='N30 T60' exptime=60 vivify_exptime=60"},
      {"ms k 1 N30 T60\r\n1",
       "meta store touch vivify key='k' flags='N30 T60' exptime=60 vivify_exptime=30 bytes=1 '1'"},
  });
}

TEST_CASE("ms reads each of its flags") {
  RequireLines({
      {"ms k 2\r\nab", "meta store key='k' bytes=2 'ab'"},
      {"ms k 0\r\n", "meta store key='k' bytes=0 ''"},
      {"ms k 1 q\r\n1", "meta store quiet key='k' flags='q' bytes=1 '1'"},
      {"ms Zm9v 1 b k\r\n1", "meta store base64 key='Zm9v' flags='b k' bytes=1 '1'"},
      {"ms k 1 C5 I\r\n1", "meta store invalidate compare key='k' flags='C5 I' cas=5 bytes=1 '1'"},
      {"ms k 1 E18446744073709551615\r\n1",
       "meta store set_cas key='k' flags='E18446744073709551615' new_cas=18446744073709551615 "
       "bytes=1 "
       "'1'"},
      {"ms k 1 F4294967295\r\n1",
       "meta store set_flags key='k' flags='F4294967295' client_flags=4294967295 bytes=1 '1'"},
      {"ms k 1 T90\r\n1", "meta store touch key='k' flags='T90' exptime=90 bytes=1 '1'"},
      {"ms k 1 N90 MA\r\n1",
       "meta store append vivify key='k' flags='N90 MA' vivify_exptime=90 bytes=1 '1'"},
      {"ms k 1 MS\r\n1", "meta store key='k' flags='MS' bytes=1 '1'"},
      {"ms k 1 ME\r\n1", "meta store add key='k' flags='ME' bytes=1 '1'"},
      {"ms k 1 MP\r\n1", "meta store prepend key='k' flags='MP' bytes=1 '1'"},
      {"ms k 1 MR\r\n1", "meta store replace key='k' flags='MR' bytes=1 '1'"},
      {"ms k 2 s v O9\r\nab", "meta store value key='k' flags='s v O9' bytes=2 'ab'"},
  });
}

TEST_CASE("md reads each of its flags") {
  RequireLines({
      {"md", kBadLine},
      {"md k", "meta delete key='k'"},
      {"md k q", "meta delete quiet key='k' flags='q'"},
      {"md k C5 E6", "meta delete compare set_cas key='k' flags='C5 E6' cas=5 new_cas=6"},
      {"md k I T30", "meta delete touch invalidate key='k' flags='I T30' exptime=30"},
      {"md k x F7", "meta delete remove_value set_flags key='k' flags='x F7' client_flags=7"},
      {"md k b", Refused("error decoding key")},
  });
}

TEST_CASE("ma reads each of its flags") {
  RequireLines({
      {"ma", kBadLine},
      {"ma k", "meta arithmetic key='k'"},
      {"ma k D7 v", "meta arithmetic value key='k' flags='D7 v' delta=7"},
      {"ma k N0 J13", "meta arithmetic vivify key='k' flags='N0 J13' initial=13"},
      {"ma k MI", "meta arithmetic key='k' flags='MI'"},
      {"ma k M+", "meta arithmetic key='k' flags='M+'"},
      {"ma k MD", "meta arithmetic decrement key='k' flags='MD'"},
      {"ma k M-", "meta arithmetic decrement key='k' flags='M-'"},
      {"ma k C1 E2 T3 q t c",
       "meta arithmetic quiet touch compare set_cas key='k' flags='C1 E2 T3 q t c' exptime=3 cas=1 "
       "new_cas=2"},
      {"ma k s f", "meta arithmetic key='k' flags='s f'"},
  });
}

TEST_CASE("me takes a key and b, mn takes nothing and minds nothing") {
  RequireLines({
      {"me", kBadLine},
      {"me k", "meta inspect key='k'"},
      {"me Zm9v b", "meta inspect base64 key='Zm9v' flags='b'"},
      {"me k !", kBadLine},
      {"mn", "meta noop"},
      {"mn foo !", "meta noop"},
  });
}

TEST_CASE("Flags of other commands are accepted and checked") {
  RequireLines({
      {"mg k I", "meta get invalidate key='k' flags='I'"},
      {"mg k MX", "meta get key='k' flags='MX'"},
      {"md k v", "meta delete value key='k' flags='v'"},
      {"mg k P L", "meta get key='k' flags='P L'"},
      {"mg k Ptoken Ltoken", "meta get key='k' flags='Ptoken Ltoken'"},
      {"mg k Dx", Refused("invalid numeric delta value")},
      {"mg k Jx", Refused("invalid numeric initial value")},
      {"mg k Fx", kBadLine},
  });
}

TEST_CASE("A flag that is unknown, repeated or no letter is named as what it is") {
  for (const std::string command : {"mg k", "md k", "me k"}) {
    CAPTURE(command);
    for (const std::string letter : {"W", "X", "Z", "S", "S5", "a", "i", "y", "noreply"}) {
      CAPTURE(letter);
      std::string line = command + " ";
      line += letter;
      REQUIRE(ParseLine(line) == Refused("invalid flag"));
    }
    REQUIRE(ParseLine(command + " !") == kBadLine);
    REQUIRE(ParseLine(command + " 5") == kBadLine);
    REQUIRE(ParseLine(command + " \x80") == kBadLine);
    REQUIRE(ParseLine(command + " [") == kBadLine);
    REQUIRE(ParseLine(command + " s v s") == Refused("duplicate flag"));
    REQUIRE(ParseLine(command + " O1 O2") == Refused("duplicate flag"));
  }
}

TEST_CASE("A flag's number that is none is a bad token") {
  for (const std::string token : {"T", "Tx", "T1x", "T2147483648", "N", "Nx", "R", "R-x", "C",
                                  "C-1", "C18446744073709551616", "E", "Ex"}) {
    CAPTURE(token);
    REQUIRE(ParseLine("mg k " + token) == kBadToken);
    REQUIRE(ParseLine("ms k 4 " + token + "\r\nquit\r\nmn") == kBadToken + "; meta noop");
  }
}

TEST_CASE("An opaque has at most 31 bytes and may be empty") {
  const std::string longest(kMaxOpaqueBytes, 'o');
  RequireLines({
      {"mg k O", "meta get key='k' flags='O'"},
      {"mg k O" + longest, "meta get key='k' flags='O" + longest + "'"},
      {"mg k O" + longest + "o", Refused("opaque token too long")},
  });
}

TEST_CASE("A base64 key must decode to something, and its text to 250 bytes") {
  const std::string longest(248, 'k');
  RequireLines({
      {"mg " + longest + " b", "meta get base64 key='" + longest + "' flags='b'"},
      {"mg Zm9 b", Refused("error decoding key")},
      {"mg ==== b", Refused("error decoding key")},
      {"mg foo! v b q", Refused("error decoding key")},
      {"mg " + kLongestKey + "kk b", kBadLine},
      {"mg " + kLongestKey + " b", Refused("error decoding key")},
  });
}

TEST_CASE("A line has at most 20 tokens, whatever they are") {
  REQUIRE(ParseLine(LineWithFlags("mg Zm9v T1 N1", 16)).starts_with("meta get"));
  REQUIRE(ParseLine(LineWithFlags("mg Zm9v T1 N1 R1", 16)) ==
          Refused("options flags are too long"));
  REQUIRE(ParseLine(LineWithFlags("ma Zm9v T1 N1 R1", 16)) ==
          Refused("options flags are too long"));
  REQUIRE(ParseLine(LineWithFlags("ms Zm9v 1 T1", 16) + "\r\n1").starts_with("meta store"));
  REQUIRE(ParseLine(LineWithFlags("ms Zm9v 4 T1 N1", 16) + "\r\nquit\r\nmn") ==
          Refused("options flags are too long") + "; meta noop");
  REQUIRE(ParseLine("mg k s s s s s s s s s s s s s s s s s s s") ==
          Refused("options flags are too long"));
}

TEST_CASE("ma has one text for what is wrong with its key or flags, but for its mode") {
  for (const std::string flags : {"!", "S", "s s", "Tx", "Dx", "Jx", "Fx", "b", "MX !",
                                  "O12345678901234567890123456789012"}) {
    CAPTURE(flags);
    REQUIRE(ParseLine("ma k " + flags) == kInvalidOrDuplicate);
  }
  REQUIRE(ParseLine("ma " + kLongKey) == kInvalidOrDuplicate);
  for (const std::string mode : {"M", "Mi", "Md", "MX", "MII", "M++"}) {
    CAPTURE(mode);
    REQUIRE(ParseLine("ma k " + mode) == Refused("invalid mode for ma M token"));
  }
}

TEST_CASE("An ms without a good length is refused") {
  for (const std::string line : {"ms", "ms k", "ms k x", "ms k -1", "ms k S4", "ms k 2147483646",
                                 "ms k T0 4", "ms k noreply"}) {
    CAPTURE(line);
    REQUIRE(ParseLine(line) == kBadLine);
    REQUIRE(Parse(line + "\r\nquit\r\n") == std::vector<std::string>{kBadLine, "closed"});
  }
}

TEST_CASE("An ms with a good length and anything else bad gets one error and loses its body") {
  const Expectations expectations = {
      {"ms " + kLongKey + " 4", "bad command line format"},
      {"ms k 4 !", "bad command line format"},
      {"ms k 4 noreply", "invalid flag"},
      {"ms k 4 s s", "duplicate flag"},
      {"ms k 4 F4294967296", "bad command line format"},
      {"ms k 4 F-1", "bad command line format"},
      {"ms k 4 b", "error decoding key"},
      {"ms k 4 O12345678901234567890123456789012", "opaque token too long"},
      {"ms k 4 MX", "invalid mode for ms M token"},
      {"ms k 4 M", "invalid mode for ms M token"},
      {"ms k 4 Ms", "invalid mode for ms M token"},
      {"ms k 4 MSE", "invalid mode for ms M token"},
      {"ms k 4 q Tx", "bad token in command line format"},
  };
  for (const auto& [line, error] : expectations) {
    CAPTURE(line);
    REQUIRE(ParseLine(line + "\r\nquit\r\nversion") == Refused(error) + "; version");
  }
}

TEST_CASE("q does not silence errors") {
  REQUIRE(ParseLine("mg " + kLongKey + " q") == kBadLine);
  REQUIRE(Parse("ms k 2 q\r\nabcdmn\r\n") ==
          std::vector<std::string>{Refused("bad data chunk"), "meta noop"});
}

}  // namespace
}  // namespace quarry::protocol
