#include "protocol/slabs_command.h"

#include <string>
#include <tuple>

#include "tests/support/catch.h"

namespace quarry::protocol {
namespace {

using Kind = SlabsCommand::Kind;

SlabsCommand Parsed(const std::string& arguments) {
  SlabsCommand command;
  CAPTURE(arguments);
  REQUIRE(ParseSlabs(arguments, command) == Error::kNone);
  return command;
}

Error ErrorOf(const std::string& arguments) {
  SlabsCommand command;
  return ParseSlabs(arguments, command);
}

TEST_CASE("slabs reassign takes two class ids, of which the first may be any and the second none") {
  for (const auto& [text, source, destination] : {std::tuple{"reassign 3 17", 3, 17},
                                                  {"reassign -1 5", SlabsCommand::kAnyClass, 5},
                                                  {"reassign  3  0", 3, SlabsCommand::kGlobalPool},
                                                  {"reassign 999999999 1", 999999999, 1}}) {
    const SlabsCommand command = Parsed(text);
    REQUIRE(command.kind == Kind::kReassign);
    REQUIRE(command.source == source);
    REQUIRE(command.destination == destination);
  }
  for (const char* text : {"reassign a 1", "reassign 1 b", "reassign 1 2x", "reassign 1 +2",
                           "reassign 1 99999999999", "reassign 1.0 2"}) {
    CAPTURE(text);
    REQUIRE(ErrorOf(text) == Error::kBadLine);
  }
  for (const char* text : {"reassign", "reassign 1", "reassign 1 2 3", "Reassign 1 2"}) {
    CAPTURE(text);
    REQUIRE(ErrorOf(text) == Error::kUnknownCommand);
  }
}

TEST_CASE("slabs automove takes a mode of 0, 1 or 2") {
  for (const uint32_t mode : {0U, 1U, 2U}) {
    const SlabsCommand command = Parsed("automove " + std::to_string(mode));
    REQUIRE(command.kind == Kind::kAutomove);
    REQUIRE(command.mode == mode);
  }
  for (const char* text : {"automove", "automove 3", "automove 4294967295", "automove 1 2"}) {
    CAPTURE(text);
    REQUIRE(ErrorOf(text) == Error::kUnknownCommand);
  }
  for (const char* text : {"automove x", "automove -1", "automove 1.0", "automove 4294967296"}) {
    CAPTURE(text);
    REQUIRE(ErrorOf(text) == Error::kBadLine);
  }
}

TEST_CASE("slabs automove ratio and freeratio take what is above 0 and at most 1") {
  REQUIRE(Parsed("automove ratio 0.75").kind == Kind::kAutomoveRatio);
  REQUIRE(Parsed("automove ratio 0.75").ratio == 0.75);
  REQUIRE(Parsed("automove freeratio .5").kind == Kind::kAutomoveFreeRatio);
  REQUIRE(Parsed("automove freeratio 1").ratio == 1);
  for (const std::string name : {"automove ratio", "automove freeratio"}) {
    for (const char* value : {"", " x", " 0", " 0.0", " 1.01", " -0.5", " +0.5", " 5e-1", " nan",
                              " inf", " .", " 0.5.1", " 0.5 1"}) {
      CAPTURE(name, value);
      REQUIRE(ErrorOf(name + value) == Error::kUnknownCommand);
    }
  }
}

TEST_CASE("slabs automove window takes 3 to 1800") {
  for (const uint32_t window : {3U, 10U, 1800U}) {
    const SlabsCommand command = Parsed("automove window " + std::to_string(window));
    REQUIRE(command.kind == Kind::kAutomoveWindow);
    REQUIRE(command.window == window);
  }
  REQUIRE(ErrorOf("automove window 2") == Error::kAutomoveWindow);
  REQUIRE(ErrorOf("automove window 1801") == Error::kAutomoveWindow);
  REQUIRE(ErrorOf("automove window ten") == Error::kBadLine);
  REQUIRE(ErrorOf("automove window") == Error::kUnknownCommand);
}

TEST_CASE("slabs knows no other word") {
  for (const char* text : {"", "move 1 2", "auto 1", "automovex 1"}) {
    CAPTURE(text);
    REQUIRE(ErrorOf(text) == Error::kUnknownCommand);
  }
}

}  // namespace
}  // namespace quarry::protocol
