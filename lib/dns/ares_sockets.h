// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

struct ares_channeldata;

namespace mxward::dns {

// The sockets of one c-ares channel. They keep from c-ares what strangers have written: of a
// message it is shown the header and the question alone, by which it finds who asked, and whoever
// asked takes the whole message from here.
//
// c-ares 1.34 reads whole messages, closes the socket at the first that it cannot read, and asks
// everything again that was under way there: a few broken answers about strangers' names would end
// all the other questions. It also measures how fast good answers come, and waits less for the
// next; what it is shown is an error, which it does not measure. And what is no answer to a
// question that we could have asked does not reach it at all.
//
// On the loop's thread alone.
class AresSockets {
 public:
  AresSockets() = default;
  AresSockets(const AresSockets&) = delete;
  AresSockets& operator=(const AresSockets&) = delete;

  // Before the first question. Outlives the channel.
  void Serve(ares_channeldata* channel);

  // The message that belongs to what c-ares was shown; "" when there is none. A second call finds
  // nothing.
  std::string Take(std::string_view shown);
  // Bytes that c-ares has not read yet, though nothing more may come from the network.
  std::size_t Unread(int fd) const;
  // What has come and nobody took, as nobody had asked.
  void Forget() { messages_.clear(); }

 private:
  struct Stream {
    std::string received;  // not yet a whole message
    std::string shown;     // c-ares is to read
  };

  static int Open(int family, int type, int protocol, void* self) noexcept;
  static int Close(int fd, void* self) noexcept;
  static int Connect(int fd, const sockaddr* address, socklen_t size, void* self) noexcept;
  static ssize_t Send(int fd, const iovec* parts, int count, void* self) noexcept;
  static ssize_t Receive(int fd, void* buffer, std::size_t size, int flags, sockaddr* address,
                         socklen_t* address_size, void* self) noexcept;
  ssize_t ReceiveDatagram(int fd, char* buffer, std::size_t size, sockaddr* address,
                          socklen_t* address_size);
  ssize_t ReceiveStream(int fd, Stream& stream, char* buffer, std::size_t size);
  std::string Keep(std::string_view message);

  std::map<int, Stream> streams_;                // TCP
  std::map<std::string, std::string> messages_;  // by id and question; the first of equals
};

}  // namespace mxward::dns
