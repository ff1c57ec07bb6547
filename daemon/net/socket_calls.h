#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>

namespace quarry::net {

/// True where a call that failed with `error` may succeed later.
inline bool IsTransient(int error) {
  return error == EAGAIN || error == EINTR || error == ENOBUFS || error == ENOMEM;
}

/// recv and send on a non-blocking socket, and epoll_wait, as the kernel has them. glibc's
/// functions of these names are points at which a thread can be cancelled, which takes three times
/// their other instructions; no thread here ever is. Under a sanitizer they are glibc's, which it
/// knows.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define QUARRY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define QUARRY_SANITIZED 1
#endif
#endif

#ifdef QUARRY_SANITIZED
inline ssize_t ReceiveFrom(int socket, void* buffer, size_t bytes) {
  return recv(socket, buffer, bytes, 0);
}
inline ssize_t SendTo(int socket, const void* buffer, size_t bytes, int flags) {
  return send(socket, buffer, bytes, flags);
}
inline int WaitForEvents(int epoll, std::span<epoll_event> events, int timeout_ms) {
  return epoll_wait(epoll, events.data(), static_cast<int>(events.size()), timeout_ms);
}
#else
inline ssize_t ReceiveFrom(int socket, void* buffer, size_t bytes) {
  return syscall(SYS_recvfrom, socket, buffer, bytes, 0, nullptr, nullptr);
}
inline ssize_t SendTo(int socket, const void* buffer, size_t bytes, int flags) {
  return syscall(SYS_sendto, socket, buffer, bytes, flags, nullptr, 0);
}
/// Not every architecture has the call without a mask.
inline int WaitForEvents(int epoll, std::span<epoll_event> events, int timeout_ms) {
  return static_cast<int>(
      syscall(SYS_epoll_pwait, epoll, events.data(), events.size(), timeout_ms, nullptr, 0));
}
#endif

}  // namespace quarry::net
