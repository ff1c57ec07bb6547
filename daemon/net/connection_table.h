#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>

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
  using Map = absl::flat_hash_map<uint64_t, std::unique_ptr<Connection>>;

  uint64_t next_id_ = 1;
  mutable Mutex mutex_;  // held for no longer than the table is used: never while a connection acts
  Map connections_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quarry::net
