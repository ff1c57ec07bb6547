#include "daemon/net/connection_table.h"

#include <utility>

namespace quarry::net {

Connection& ConnectionTable::Open(Worker& worker, Accepted accepted) {
  const uint64_t id = next_id_++;
  auto connection = std::make_unique<Connection>(worker, id, std::move(accepted));
  Connection& opened = *connection;
  const MutexLock lock(mutex_);
  connections_.insert(std::move(connection));
  return opened;
}

Connection* ConnectionTable::Find(uint64_t id) const {
  const MutexLock lock(mutex_);
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->get();
}

void ConnectionTable::Close(uint64_t id) {
  std::unique_ptr<Connection>
      closed;  // destroyed after the lock is gone: it takes locks of its own
  const MutexLock lock(mutex_);
  const auto found = connections_.find(id);
  if (found != connections_.end()) {
    closed = std::move(connections_.extract(found).value());
  }
}

void ConnectionTable::CloseAll() {
  Set closed;
  const MutexLock lock(mutex_);
  closed.swap(connections_);
}

size_t ConnectionTable::size() const {
  const MutexLock lock(mutex_);
  return connections_.size();
}

std::vector<uint64_t> ConnectionTable::ids() const {
  const MutexLock lock(mutex_);
  std::vector<uint64_t> ids;
  ids.reserve(connections_.size());
  for (const auto& connection : connections_) {
    ids.push_back(connection->id());
  }
  return ids;
}

void ConnectionTable::List(uint32_t now_sec, std::vector<command::ConnectionInfo>& list) const {
  const MutexLock lock(mutex_);
  for (const auto& connection : connections_) {
    list.push_back(connection->Describe(now_sec));
  }
}

}  // namespace quarry::net
