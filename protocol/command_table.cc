#include "protocol/command_table.h"

#include <array>

namespace quarry::protocol {
namespace {

constexpr Dialect kMeta = Dialect::kMeta;
constexpr bool kCanBeSilent = true;
constexpr bool kReplies = false;

// Searched from the top, so the commands that come most often come first. Of the arguments that cas
// needs, the unique is not counted: a line without it has told the length of its body.
constexpr std::array kCommands = {
    Command{"get", 1, kReplies, {.op = Op::kGet, .want_value = true}},
    Command{"set", 4, kCanBeSilent, {.op = Op::kStore}},
    Command{"mg", 1, kReplies, {.op = Op::kGet, .dialect = kMeta}},
    Command{"ms", 2, kReplies, {.op = Op::kStore, .dialect = kMeta}},
    Command{"gets", 1, kReplies, {.op = Op::kGet, .want_value = true, .want_cas = true}},
    Command{"delete", 1, kCanBeSilent, {.op = Op::kDelete}},
    Command{"incr", 2, kCanBeSilent, {.op = Op::kArithmetic, .want_value = true}},
    Command{
        "decr", 2, kCanBeSilent, {.op = Op::kArithmetic, .want_value = true, .decrement = true}},
    Command{"add", 4, kCanBeSilent, {.op = Op::kStore, .mode = StoreMode::kAdd}},
    Command{"cas", 4, kCanBeSilent, {.op = Op::kStore, .compare_cas = true}},
    Command{"touch", 2, kCanBeSilent, {.op = Op::kTouch, .touch = true}},
    Command{"gat", 2, kReplies, {.op = Op::kGet, .want_value = true, .touch = true}},
    Command{
        "gats", 2, kReplies, {.op = Op::kGet, .want_value = true, .want_cas = true, .touch = true}},
    Command{"md", 1, kReplies, {.op = Op::kDelete, .dialect = kMeta}},
    Command{"ma", 1, kReplies, {.op = Op::kArithmetic, .dialect = kMeta}},
    Command{"mn", 0, kReplies, {.op = Op::kNoop, .dialect = kMeta}},
    Command{"me", 1, kReplies, {.op = Op::kInspect, .dialect = kMeta}},
    Command{"replace", 4, kCanBeSilent, {.op = Op::kStore, .mode = StoreMode::kReplace}},
    Command{"append", 4, kCanBeSilent, {.op = Op::kStore, .mode = StoreMode::kAppend}},
    Command{"prepend", 4, kCanBeSilent, {.op = Op::kStore, .mode = StoreMode::kPrepend}},
    Command{"version", 0, kReplies, {.op = Op::kVersion}},
    Command{"stats", 0, kReplies, {.op = Op::kStats}},
    Command{"flush_all", 0, kCanBeSilent, {.op = Op::kFlushAll}},
    Command{"verbosity", 1, kCanBeSilent, {.op = Op::kVerbosity}},
    Command{"cache_memlimit", 0, kCanBeSilent, {.op = Op::kMemoryLimit}},
    Command{"lru", 0, kReplies, {.op = Op::kLruMode}},
    Command{"slabs", 0, kReplies, {.op = Op::kSlabs}},
    Command{"lru_crawler", 0, kReplies, {.op = Op::kCrawler}},
    Command{"watch", 0, kReplies, {.op = Op::kWatch}},
    Command{"quit", 0, kReplies, {.op = Op::kQuit}},
    Command{"refresh_certs", 0, kReplies, {.op = Op::kRefreshCertificates}},
    Command{"shutdown", 0, kReplies, {.op = Op::kShutdown}},
};

}  // namespace

const Command* FindCommand(std::string_view name) {
  for (const Command& command : kCommands) {
    if (command.name == name) {
      return &command;
    }
  }
  return nullptr;
}

}  // namespace quarry::protocol
