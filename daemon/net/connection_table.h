#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_set.h>

#include "core/base/mutex.h"
#include "daemon/command/server_status.h"
#include "daemon/net/connection.h"

namespace quarry::net {

/// The connections of one worker by their ids, which are never used twice, so that a message to a
/// connection that has ended finds nothing. List is for any thread, all else for the worker's.
class ConnectionTable {
 public:
  /// Makes a connection of `accepted`. It is not started.
  Connection& Open(Worker& worker, Accepted accepted);

  /// The connection, or null when it has ended. It lives until Close.
  Connection* Find(uint64_t id) const;

  /// Destroys the connection.
  void Close(uint64_t id);
  void CloseAll();

  size_t size() const;
  std::vector<uint64_t> ids() const;

  /// Appends a description of each connection.
  void List(uint32_t now_sec, std::vector<command::ConnectionInfo>& list) const;

 private:
  // By the id that each connection knows itself: half the memory of a map.
  struct IdOf {
    uint64_t operator()(uint64_t id) const { return id; }
    uint64_t operator()(const std::unique_ptr<Connection>& connection) const {
      return connection->id();
    }
  };
  struct Hash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): absl looks for it
    template <typename Key>
    size_t operator()(const Key& key) const {
      return absl::Hash<uint64_t>()(IdOf()(key));
    }
  };
  struct Equal {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): absl looks for it
    template <typename Left, typename Right>
    bool operator()(const Left& left, const Right& right) const {
      return IdOf()(left) == IdOf()(right);
    }
  };
  using Set = absl::flat_hash_set<std::unique_ptr<Connection>, Hash, Equal>;

  uint64_t next_id_ = 1;
  mutable Mutex mutex_;  // held for no longer than the table is used: never while a connection acts
  Set connections_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quarry::net
