#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/net/file_descriptor.h"

namespace quarry::net {

/// A client that blocks, for at most a few seconds: waiting in vain ends the test that waits.
class Client {
 public:
  /// Connects to 127.0.0.1, or with a receive buffer of `receive_buffer_bytes`.
  explicit Client(uint16_t port, int receive_buffer_bytes = 0);
  explicit Client(const std::string& unix_path);

  void Send(std::string_view bytes);

  /// The next `count` bytes; fewer when the connection ends before.
  std::string Read(size_t count);
  /// The next line with its end; what there is when the connection ends before.
  std::string ReadLine();
  /// Sends `request` and reads as many bytes as `reply` has: true when they are the same.
  bool Answers(std::string_view request, std::string_view reply);
  /// True when the server has closed, and nothing more came.
  bool AtEnd();

  /// Of a client over TCP.
  uint16_t local_port() const;

  void FinishSending();
  /// Closes so that the other side gets a reset.
  void Reset();
  void Close() { socket_ = FileDescriptor(); }

 private:
  void SetTimeouts();
  bool Receive();

  FileDescriptor socket_;
  std::string received_;
};

}  // namespace quarry::net
